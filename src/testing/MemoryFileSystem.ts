/**
 * `FileSystem` in memory, for programs that read and write files: uploads, downloads, records of progress.
 *
 * @since 0.1.0
 */
import { SystemError } from "@effect/platform/Error"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { hexId } from "./internal/ids.ts"
import * as memoryTree from "./internal/memoryTree.ts"
import { some } from "./internal/some.ts"

/**
 * What a file system holds at first.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options {
  /** Contents by path; the directories on the way are there, too. A relative path is below `/`. */
  readonly files?: { readonly [path: string]: string | Uint8Array } | undefined
}

const error = (method: string, path: string | number, failure: memoryTree.Failure): SystemError =>
  new SystemError({ module: "FileSystem", method, pathOrDescriptor: path, ...failure })

const unsupported = (method: string) => (path: string) =>
  Effect.fail(error(method, path, { reason: "Unknown", description: "not supported in memory" }))

const badDescriptor: memoryTree.Failure = { reason: "Unknown", description: "EBADF: bad file descriptor" }

const info = (node: memoryTree.Node): FileSystem.File.Info => ({
  type: node.type,
  mtime: Option.some(DateTime.toDateUtc(DateTime.unsafeMake(node.mtime))),
  atime: Option.none(),
  birthtime: Option.none(),
  dev: 0,
  ino: Option.some(node.inode),
  mode: node.mode,
  nlink: Option.some(1),
  uid: Option.none(),
  gid: Option.none(),
  rdev: Option.none(),
  size: FileSystem.Size(node.type === "File" ? node.size : 0),
  blksize: Option.none(),
  blocks: Option.none()
})

/** An open file. It stays usable when its name is gone. */
class MemoryFile implements FileSystem.File {
  readonly [FileSystem.FileTypeId]: FileSystem.FileTypeId = FileSystem.FileTypeId
  readonly fd: FileSystem.File.Descriptor
  private readonly node: memoryTree.FileNode
  private readonly flag: FileSystem.OpenFlag
  private position = 0

  constructor(fd: number, node: memoryTree.FileNode, flag: FileSystem.OpenFlag) {
    this.fd = FileSystem.FileDescriptor(fd)
    this.node = node
    this.flag = flag
  }

  private reading<A>(method: string, read: () => A): Effect.Effect<A, SystemError> {
    return Effect.suspend(() =>
      this.flag.startsWith("r") || this.flag.includes("+")
        ? Effect.sync(read)
        : Effect.fail(error(method, this.fd, badDescriptor))
    )
  }

  private writing<A>(method: string, write: (now: number) => A): Effect.Effect<A, SystemError> {
    return Effect.flatMap(
      Clock.currentTimeMillis,
      (now) => this.flag === "r" ? Effect.fail(error(method, this.fd, badDescriptor)) : Effect.sync(() => write(now))
    )
  }

  get stat() {
    return Effect.sync(() => info(this.node))
  }

  get sync() {
    return Effect.void
  }

  seek(offset: FileSystem.SizeInput, from: FileSystem.SeekMode) {
    return Effect.sync(() => {
      this.position = from === "start" ? Number(offset) : this.position + Number(offset)
    })
  }

  read(buffer: Uint8Array) {
    return this.reading("read", () => {
      const bytes = this.node.buffer.subarray(this.position, Math.min(this.node.size, this.position + buffer.length))
      buffer.set(bytes)
      this.position += bytes.length
      return FileSystem.Size(bytes.length)
    })
  }

  readAlloc(size: FileSystem.SizeInput) {
    return this.reading("readAlloc", () => {
      const bytes = this.node.buffer.slice(this.position, Math.min(this.node.size, this.position + Number(size)))
      this.position += bytes.length
      return bytes.length === 0 ? Option.none() : Option.some(bytes)
    })
  }

  truncate(length?: FileSystem.SizeInput) {
    return this.writing("truncate", (now) => {
      memoryTree.resize(this.node, Number(length ?? 0))
      this.node.mtime = now
      this.position = Math.min(this.position, this.node.size)
    })
  }

  write(buffer: Uint8Array) {
    return this.writing("write", (now) => {
      const appends = this.flag.startsWith("a")
      memoryTree.write(this.node, buffer, appends ? this.node.size : this.position, now)
      if (!appends) this.position += buffer.length
      return FileSystem.Size(buffer.length)
    })
  }

  writeAll(buffer: Uint8Array) {
    return Effect.asVoid(this.write(buffer))
  }
}

/**
 * A file system in memory. Times are the Clock's, modes are remembered and not enforced. Links, `copy` and `watch` are
 * not there.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (options: Options = {}): Effect.Effect<FileSystem.FileSystem> =>
  Effect.gen(function*() {
    const start = yield* Clock.currentTimeMillis
    const tree = memoryTree.make(start)
    let descriptors = 2
    const given = Object.keys(options.files ?? {}).map(memoryTree.normalize)

    /** Who asks for a file that is not there is told which ones the test has put there. */
    const withHint = (failure: memoryTree.Failure): memoryTree.Failure =>
      failure.reason === "NotFound"
        ? { ...failure, description: `${failure.description} (the option \`files\` has ${some(given)})` }
        : failure
    const run = <A>(
      method: string,
      path: string,
      step: (path: string, now: number) => Either.Either<A, memoryTree.Failure>
    ): Effect.Effect<A, SystemError> =>
      Effect.flatMap(
        Clock.currentTimeMillis,
        (now) =>
          Either.mapLeft(step(memoryTree.normalize(path), now), (failure) => error(method, path, withHint(failure)))
      )

    const remove: FileSystem.FileSystem["remove"] = (path, { force = false, recursive = false } = {}) =>
      run("remove", path, (path) => tree.remove(path, { force, recursive }))
    const writeFile: FileSystem.FileSystem["writeFile"] = (path, data, { flag = "w", mode } = {}) =>
      run(
        "writeFile",
        path,
        (path, now) =>
          Either.map(
            tree.open(path, flag, mode, now),
            (file) => memoryTree.write(file, data, flag.startsWith("a") ? file.size : 0, now)
          )
      )
    const readFile: FileSystem.FileSystem["readFile"] = (path) =>
      run("readFile", path, (path) => Either.map(tree.getFile(path), ({ buffer, size }) => buffer.slice(0, size)))
    const makeTempDirectory: FileSystem.FileSystem["makeTempDirectory"] = ({ directory = "/tmp", prefix = "" } = {}) =>
      Effect.flatMap(hexId, (id) => {
        const path = `${directory}/${prefix}${id.slice(0, 6)}`
        return Effect.as(
          run("makeTempDirectory", path, (path, now) => tree.makeDirectory(path, true, undefined, now)),
          path
        )
      })
    const makeTempFile: FileSystem.FileSystem["makeTempFile"] = ({ suffix = "", ...options } = {}) =>
      Effect.flatMap(makeTempDirectory(options), (directory) =>
        Effect.flatMap(hexId, (id) => {
          const path = `${directory}/${id.slice(0, 12)}${suffix}`
          return Effect.as(writeFile(path, new Uint8Array(0)), path)
        }))
    const scoped = <A>(acquire: Effect.Effect<string, A>, directory: (path: string) => string) =>
      Effect.acquireRelease(acquire, (path) => Effect.orDie(remove(directory(path), { force: true, recursive: true })))

    for (const [path, content] of Object.entries(options.files ?? {})) {
      const name = memoryTree.normalize(path)
      yield* Effect.orDie(run("make", `${name}/..`, (path, now) => tree.makeDirectory(path, true, undefined, now)))
      yield* Effect.orDie(writeFile(name, typeof content === "string" ? new TextEncoder().encode(content) : content))
    }

    return FileSystem.make({
      access: (path) => run("access", path, (path) => Either.map(tree.get(path), () => undefined)),
      chmod: (path, mode) =>
        run("chmod", path, (path) =>
          Either.map(tree.get(path), (node) => {
            node.mode = mode
          })),
      chown: (path) => run("chown", path, (path) => Either.map(tree.get(path), () => undefined)),
      copy: unsupported("copy"),
      copyFile: (from, to) => Effect.flatMap(readFile(from), (bytes) => writeFile(to, bytes)),
      link: unsupported("link"),
      makeDirectory: (path, { mode, recursive = false } = {}) =>
        run("makeDirectory", path, (path, now) => tree.makeDirectory(path, recursive, mode, now)),
      makeTempDirectory,
      makeTempDirectoryScoped: (options) => scoped(makeTempDirectory(options), (path) => path),
      makeTempFile,
      makeTempFileScoped: (options) => scoped(makeTempFile(options), (path) => path.slice(0, path.lastIndexOf("/"))),
      open: (path, { flag = "r", mode } = {}) =>
        run(
          "open",
          path,
          (path, now) =>
            Either.map(tree.open(path, flag, mode, now), (node) => new MemoryFile(++descriptors, node, flag))
        ),
      readDirectory: (path, { recursive = false } = {}) =>
        run("readDirectory", path, (path) => tree.list(path, recursive)),
      readFile,
      readLink: unsupported("readLink"),
      realPath: (path) => run("realPath", path, (path) => Either.map(tree.get(path), () => path)),
      remove,
      rename: (from, to) => run("rename", from, (from) => tree.rename(from, memoryTree.normalize(to))),
      stat: (path) => run("stat", path, (path) => Either.map(tree.get(path), info)),
      symlink: unsupported("symlink"),
      truncate: (path, length = 0) =>
        run("truncate", path, (path, now) =>
          Either.map(tree.getFile(path), (file) => {
            memoryTree.resize(file, Number(length))
            file.mtime = now
          })),
      utimes: (path, _, mtime) =>
        run("utimes", path, (path) =>
          Either.map(tree.get(path), (node) => {
            // A number is in seconds, as Node takes it.
            node.mtime = typeof mtime === "number" ? mtime * 1000 : mtime.getTime()
          })),
      watch: (path) => Stream.unwrap(unsupported("watch")(path)),
      writeFile
    })
  })

/**
 * A file system in memory.
 *
 * @example
 * import { FileSystem } from "@effect/platform"
 * import { Effect } from "effect"
 * import { MemoryFileSystem } from "effect-wcs/testing"
 *
 * const program = Effect.flatMap(FileSystem.FileSystem, (fs) => fs.readFileString("/in/a.txt"))
 * const files = MemoryFileSystem.layer({ files: { "/in/a.txt": "hello" } })
 *
 * assert.strictEqual(Effect.runSync(Effect.provide(program, files)), "hello")
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (options?: Options): Layer.Layer<FileSystem.FileSystem> =>
  Layer.effect(FileSystem.FileSystem, make(options))
