import type { PlatformError } from "@effect/platform/Error"
import type * as FileSystem from "@effect/platform/FileSystem"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Random from "effect/Random"
import * as Schema from "effect/Schema"
import { UploadId } from "../domain/UploadRecord.ts"
import type { WcsProgressError } from "../domain/WcsError.ts"

const suffixes = { manifest: ".manifest", lease: ".lease" }
const isId = Schema.is(UploadId)

/** Whether a name can be that of an upload's folder: ids become paths, and beside the folders there are other files. */
export const isUploadId = (name: string): name is UploadId =>
  isId(name) && !Object.values(suffixes).some((suffix) => name.toLowerCase().endsWith(suffix))

/** The upload that a manifest of this name would be of. */
export const uploadOf = (name: string): Option.Option<string> =>
  name.endsWith(suffixes.manifest) ? Option.some(name.slice(0, -suffixes.manifest.length)) : Option.none()

/** Whether a path is a symbolic link: to read a link's target succeeds for links only. */
export const isLink = (fs: FileSystem.FileSystem, path: string): Effect.Effect<boolean> =>
  Effect.isSuccess(fs.readLink(path))

/** Whether a file, or a folder on the way to it, is not there. */
export const isNotFound = (error: PlatformError | WcsProgressError): boolean =>
  error._tag === "SystemError" && error.reason === "NotFound"

/** Whether a file is there that was to be made. */
export const isThere = (error: PlatformError | WcsProgressError): boolean =>
  error._tag === "SystemError" && error.reason === "AlreadyExists"

/** `None` where the file is not there. */
export const ifThere = <A, R>(
  self: Effect.Effect<A, PlatformError, R>
): Effect.Effect<Option.Option<A>, PlatformError, R> =>
  Effect.catchIf(Effect.asSome(self), isNotFound, () => Effect.succeedNone)

/** Writes a file that is private to the user. */
export type Write = (path: string, content: string, flag: "wx" | "a") => Effect.Effect<void, PlatformError>

/** How the files in a folder of records are named, read and written. */
export interface RecordFiles {
  readonly folder: string
  /** The names of all that is in the folder. */
  readonly names: Effect.Effect<ReadonlyArray<string>, PlatformError>
  /** The folder of an upload's blocks. */
  readonly blocksOf: (id: UploadId) => string
  readonly manifestOf: (id: UploadId) => string
  readonly leaseOf: (id: UploadId) => string
  /** The text of a file; `None` for what is no plain file or too large. */
  readonly text: (path: string, most: number) => Effect.Effect<Option.Option<string>, PlatformError>
  readonly write: Write
  /** Returns when the content is on the disk. Not for blocks: one that is lost is sent again. */
  readonly writeThrough: Write
  /** What the names of an upload's temporary files begin with. */
  readonly temporaryOf: (id: UploadId) => string
  /** A temporary file of an upload, by what it is for. */
  readonly temporaryFor: (id: UploadId, name: string) => string
  /** A new temporary file of an upload. */
  readonly temporary: (id: UploadId) => Effect.Effect<string>
  /** Replaces a file in one step. */
  readonly replace: (id: UploadId, path: string, content: string, save?: Write) => Effect.Effect<void, PlatformError>
}

export const make = (fs: FileSystem.FileSystem, folder: string): RecordFiles => {
  const write: Write = (path, content, flag) => fs.writeFileString(path, content, { flag, mode: 0o600 })
  // A comma is in no id, so that these are the files of this upload and of no other.
  const temporaryOf = (id: UploadId) => `.${id},`
  const temporaryFor = (id: UploadId, name: string) => `${folder}/${temporaryOf(id)}${name}`
  const temporary = (id: UploadId) =>
    Effect.map(Random.nextIntBetween(0, Number.MAX_SAFE_INTEGER), (random) => temporaryFor(id, String(random)))
  return {
    folder,
    names: Effect.map(ifThere(fs.readDirectory(folder)), Option.getOrElse(() => [])),
    blocksOf: (id) => `${folder}/${id}`,
    manifestOf: (id) => `${folder}/${id}${suffixes.manifest}`,
    leaseOf: (id) => `${folder}/${id}${suffixes.lease}`,
    text: (path, most) =>
      Effect.flatMap(
        fs.stat(path),
        ({ size, type }) =>
          type === "File" && size <= most ? Effect.asSome(fs.readFileString(path)) : Effect.succeedNone
      ),
    write,
    writeThrough: (path, content, flag) =>
      Effect.scoped(
        Effect.flatMap(fs.open(path, { flag, mode: 0o600 }), (file) =>
          Effect.zipRight(file.writeAll(new TextEncoder().encode(content)), file.sync))
      ),
    temporaryOf,
    temporaryFor,
    temporary,
    replace: (id, path, content, save = write) =>
      Effect.flatMap(temporary(id), (temporary) =>
        Effect.onError(
          Effect.zipRight(save(temporary, content, "wx"), fs.rename(temporary, path)),
          () => Effect.ignore(fs.remove(temporary, { force: true }))
        ))
  }
}
