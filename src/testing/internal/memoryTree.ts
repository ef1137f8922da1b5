import type { SystemErrorReason } from "@effect/platform/Error"
import type { OpenFlag } from "@effect/platform/FileSystem"
import * as Either from "effect/Either"

/** What went wrong, by the names that Node's file system gives it. */
export interface Failure {
  readonly reason: SystemErrorReason
  readonly description: string
}

interface Common {
  readonly inode: number
  mode: number
  mtime: number
}

/** A file's bytes are the first `size` of its buffer. */
export interface FileNode extends Common {
  readonly type: "File"
  buffer: Uint8Array
  size: number
}

export interface DirectoryNode extends Common {
  readonly type: "Directory"
}

export type Node = FileNode | DirectoryNode

type Result<A> = Either.Either<A, Failure>

const failure = (reason: SystemErrorReason, description: string) => Either.left({ reason, description })
const notFound = failure("NotFound", "ENOENT: no such file or directory")
const exists = failure("AlreadyExists", "EEXIST: file already exists")
const isDirectory = failure("BadResource", "EISDIR: illegal operation on a directory")
const notDirectory = failure("BadResource", "ENOTDIR: not a directory")
const notEmpty = failure("Unknown", "ENOTEMPTY: directory not empty")

/** An absolute path without `.`, `..` and empty segments; the working directory is the root. */
export const normalize = (path: string): string => {
  const segments: Array<string> = []
  for (const segment of path.split("/")) {
    if (segment === "..") segments.pop()
    else if (segment !== "" && segment !== ".") segments.push(segment)
  }
  return `/${segments.join("/")}`
}

const parentOf = (path: string): string => path.slice(0, path.lastIndexOf("/")) || "/"

/** Makes a file `size` bytes long; what is new is zero. */
export const resize = (file: FileNode, size: number): void => {
  if (size > file.buffer.length) {
    const larger = new Uint8Array(Math.max(size, file.buffer.length * 2))
    larger.set(file.buffer.subarray(0, file.size))
    file.buffer = larger
  } else if (size < file.size) file.buffer.fill(0, size, file.size)
  file.size = size
}

/** Writes bytes into a file, which grows as far as it must. */
export const write = (file: FileNode, bytes: Uint8Array, at: number, now: number): void => {
  resize(file, Math.max(file.size, at + bytes.length))
  file.buffer.set(bytes, at)
  file.mtime = now
}

/** Files and directories by their path. All paths are normal. */
export interface MemoryTree {
  readonly get: (path: string) => Result<Node>
  readonly getFile: (path: string) => Result<FileNode>
  /** The file that a flag opens, made or emptied as the flag says. */
  readonly open: (path: string, flag: OpenFlag, mode: number | undefined, now: number) => Result<FileNode>
  readonly makeDirectory: (path: string, recursive: boolean, mode: number | undefined, now: number) => Result<void>
  /** Names below a directory, in order; with `recursive` as paths relative to it. */
  readonly list: (path: string, recursive: boolean) => Result<Array<string>>
  readonly remove: (path: string, options: { readonly recursive: boolean; readonly force: boolean }) => Result<void>
  readonly rename: (from: string, to: string) => Result<void>
}

export const make = (now: number): MemoryTree => {
  const nodes = new Map<string, Node>()
  let inodes = 0

  const add = <N extends Node>(path: string, node: Omit<N, "inode">): N => {
    // With the field that was left out it is the whole node again, which the compiler cannot see of a type parameter.
    const added = { ...node, inode: ++inodes } as N
    nodes.set(path, added)
    return added
  }
  add<DirectoryNode>("/", { type: "Directory", mode: 0o755, mtime: now })

  const get: MemoryTree["get"] = (path) => {
    const node = nodes.get(path)
    if (node) return Either.right(node)
    const parent = path === "/" ? notFound : get(parentOf(path))
    return Either.isRight(parent) && parent.right.type === "File" ? notDirectory : notFound
  }
  const directory = (path: string): Result<DirectoryNode> =>
    Either.flatMap(get(path), (node) => node.type === "Directory" ? Either.right(node) : notDirectory)
  const getFile: MemoryTree["getFile"] = (path) =>
    Either.flatMap(get(path), (node) => node.type === "File" ? Either.right(node) : isDirectory)

  const below = (path: string): Array<string> => {
    const prefix = path === "/" ? "/" : `${path}/`
    return Array.from(nodes.keys()).filter((name) => name.startsWith(prefix) && name !== "/")
  }
  const touch = (path: string, now: number) => {
    const node = nodes.get(path)
    if (node) node.mtime = now
  }

  const makeDirectory: MemoryTree["makeDirectory"] = (path, recursive, mode, now) => {
    const node = nodes.get(path)
    if (node) return recursive && node.type === "Directory" ? Either.void : exists
    const parent: Result<unknown> = recursive
      ? makeDirectory(parentOf(path), true, mode, now)
      : directory(parentOf(path))
    if (Either.isLeft(parent)) return parent.left.reason === "AlreadyExists" ? notDirectory : Either.left(parent.left)
    add<DirectoryNode>(path, { type: "Directory", mode: mode ?? 0o755, mtime: now })
    touch(parentOf(path), now)
    return Either.void
  }

  return {
    get,
    getFile,
    makeDirectory,
    open: (path, flag, mode, now) => {
      const node = nodes.get(path)
      if (node?.type === "Directory") return isDirectory
      if (node) {
        if (flag.includes("x")) return exists
        if (flag.startsWith("w")) {
          resize(node, 0)
          node.mtime = now
        }
        return Either.right(node)
      }
      if (flag.startsWith("r")) return getFile(path)
      return Either.map(directory(parentOf(path)), () => {
        touch(parentOf(path), now)
        return add<FileNode>(path, {
          type: "File",
          buffer: new Uint8Array(0),
          size: 0,
          mode: mode ?? 0o644,
          mtime: now
        })
      })
    },
    list: (path, recursive) =>
      Either.map(directory(path), () =>
        below(path)
          .map((name) => name.slice(path === "/" ? 1 : path.length + 1))
          .filter((name) => recursive || !name.includes("/"))
          .toSorted()),
    remove: (path, { force, recursive }) => {
      const node = get(path)
      if (Either.isLeft(node)) return force && node.left.reason === "NotFound" ? Either.void : Either.left(node.left)
      if (node.right.type === "Directory" && !recursive) return failure("Unknown", "EISDIR: path is a directory")
      for (const name of [path, ...below(path)]) nodes.delete(name)
      return Either.void
    },
    rename: (from, to) =>
      Either.gen(function*() {
        const node = yield* get(from)
        yield* directory(parentOf(to))
        const target = nodes.get(to)
        if (target && target !== node) {
          if (target.type !== node.type) return yield* (target.type === "Directory" ? isDirectory : notDirectory)
          if (below(to).length > 0) return yield* notEmpty
        }
        for (const name of [from, ...below(from)]) {
          const moved = nodes.get(name)
          nodes.delete(name)
          if (moved) nodes.set(to + name.slice(from.length), moved)
        }
      })
  }
}
