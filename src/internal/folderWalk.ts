import * as Effect from "effect/Effect"
import * as Order from "effect/Order"
import { WcsFileError } from "../domain/WcsError.ts"
import { absolute, fileError, type Files } from "./source.ts"

/** Something below a folder. */
export interface Found {
  /** From the folder on, with `/` on every system. */
  readonly path: string
  /** Bytes; 0 of what is no regular file. */
  readonly size: number
  /** Why it cannot be read. */
  readonly error?: WcsFileError
}

interface Folder {
  readonly path: string
  /** Its path without links. */
  readonly real: string
}

/** Entries of a folder that are looked at side by side. */
const looks = 16

/** The path of something in a folder. */
export const below = (folder: string, name: string): string =>
  folder === "" || folder.endsWith("/") ? folder + name : `${folder}/${name}`

/** What is not there although its folder names it is, as a rule, a link that leads nowhere. */
const brokenLink = <E>(target: Effect.Effect<string, E>, error: WcsFileError): Effect.Effect<WcsFileError> =>
  Effect.match(target, {
    onFailure: () => error,
    onSuccess: (target) =>
      new WcsFileError({
        reason: "NotFound",
        path: error.path,
        detail: `is a symbolic link to ${target}, which is not there`
      })
  })

const byPath = Order.mapInput(Order.string, (at: { readonly path: string }) => at.path)

/**
 * Everything below a folder but its folders, in the order of the paths. Links are followed, to files and to folders.
 * Each folder is walked once, whatever leads to it: under its own name where it is below the folder, else under the
 * first link. A folder that cannot be read is found with its error, and so is what is no regular file.
 */
export const walk = (
  { fs, paths }: Files,
  folder: string,
  /** What is meant; not asked for folders. */
  keep: (file: { readonly path: string; readonly size: number }) => boolean
): Effect.Effect<ReadonlyArray<Found>, WcsFileError> =>
  Effect.gen(function*() {
    const failed = Effect.mapError(fileError(folder, "folder", absolute(paths, folder)))
    const info = yield* failed(fs.stat(folder))
    if (info.type !== "Directory") {
      return yield* new WcsFileError({ reason: "NotAFolder", path: folder, detail: "is not a folder" })
    }
    const top: Folder = { path: "", real: yield* failed(fs.realPath(folder)) }
    const found: Array<Found> = []
    const walked = new Set<string>()
    /** Folders to walk, the next one last; those that links lead to wait until there are no others. */
    const folders = [top]
    let links: Array<Folder> = []

    const look = (at: Folder, name: string) => {
      const path = below(at.path, name)
      const full = below(folder, path)
      const add = (file: Found) => {
        if (keep({ path, size: file.size })) found.push(file)
      }
      const enter = Effect.map(fs.realPath(full), (real) => {
        const isLink = real !== below(at.real, name) && real !== `${at.real}\\${name}`
        ;(isLink ? links : folders).push({ path, real })
      })
      return Effect.flatMap(fs.stat(full), ({ size, type }) => {
        if (type === "Directory") return enter
        const error = type === "File" ? undefined : new WcsFileError({
          reason: "NotAFile",
          path: full,
          detail: "is not a regular file"
        })
        return Effect.sync(() => add(error ? { path, size: 0, error } : { path, size: Number(size) }))
      }).pipe(
        Effect.mapError(fileError(full)),
        Effect.catchAll((error) =>
          Effect.map(
            error.reason === "NotFound" ? brokenLink(fs.readLink(full), error) : Effect.succeed(error),
            (error) => add({ path, size: 0, error })
          )
        )
      )
    }

    while (folders.length > 0 || links.length > 0) {
      if (folders.length === 0) {
        for (const link of links.toSorted(Order.reverse(byPath))) folders.push(link)
        links = []
      }
      const at = folders.pop()
      if (at === undefined || walked.has(at.real)) continue
      walked.add(at.real)
      const full = at === top ? folder : below(folder, at.path)
      yield* fs.readDirectory(full).pipe(
        Effect.mapError(fileError(full, "folder")),
        Effect.flatMap(Effect.forEach((name) => look(at, name), { concurrency: looks, discard: true })),
        Effect.catchTag("WcsFileError", (error) =>
          at === top ? error : Effect.sync(() => void found.push({ path: at.path, size: 0, error })))
      )
    }
    return found.toSorted(byPath)
  })
