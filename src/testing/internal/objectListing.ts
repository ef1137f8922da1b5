import * as Either from "effect/Either"
import * as Base64Url from "../../domain/Base64Url.ts"
import type { StoredObject } from "../EmulatorStorage.ts"
import { lowerBound, type Sorted } from "./shelf.ts"
import { utf8Order } from "./utf8Order.ts"

export interface Listing {
  /** A folder when there is a mode, else the beginning of a key. */
  readonly prefix: string
  /** The last name of the page before. */
  readonly after: string | undefined
  readonly limit: number
  /** One level, files first or folders first; absent: all keys. */
  readonly mode: 0 | 1 | undefined
  readonly startTime: number | undefined
  readonly endTime: number | undefined
}

export interface Page {
  readonly objects: ReadonlyArray<StoredObject>
  readonly folders: ReadonlyArray<string>
  readonly marker: string
}

/** `<last name>:-1` in Base64, as a published marker decodes (protocol 6.2). */
const encodeMarker = (last: string): string => Base64Url.encode(`${last}:-1`)

export const decodeMarker = (marker: string): Either.Either<string, "malformed"> =>
  Base64Url.decodeText(marker).pipe(
    Either.filterOrLeft((text) => text.endsWith(":-1"), () => "malformed" as const),
    Either.mapBoth({ onLeft: () => "malformed" as const, onRight: (text) => text.slice(0, -3) })
  )

const isFolder = (name: string): boolean => name.endsWith("/")

/** The first text after all that begin with a folder's name: `0` follows `/`. */
const pastFolder = (folder: string): string => `${folder.slice(0, -1)}0`

/**
 * The names of a listing from `after` on: of all keys, of a level's files, or of its folders. What stands in a folder is
 * not looked at once the folder is known.
 */
function* names(
  { get, keys }: Sorted,
  { after, endTime = Infinity, startTime = -Infinity }: Listing,
  prefix: string,
  kind: "all" | "files" | "folders"
): Generator<string> {
  let at = Math.max(lowerBound(keys, prefix), after === undefined ? 0 : lowerBound(keys, after, 0, true))
  while (true) {
    const key = keys[at]
    if (key === undefined || !key.startsWith(prefix)) return
    const slash = kind === "all" ? -1 : key.indexOf("/", prefix.length)
    const folder = slash < 0 ? undefined : key.slice(0, slash + 1)
    if (folder !== undefined && (kind === "files" || folder === after)) {
      at = lowerBound(keys, pastFolder(folder), at)
      continue
    }
    at++
    const putTime = get(key)?.putTime
    if (putTime === undefined || putTime < startTime || putTime > endTime) continue
    if (folder === undefined) {
      if (kind !== "folders") yield key
    } else {
      if (after === undefined || utf8Order(folder, after) > 0) yield folder
      at = lowerBound(keys, pastFolder(folder), at)
    }
  }
}

/** Everything from `after` on, in the order of the listing's mode. A key does not end with a slash, a folder does. */
function* ordered(objects: Sorted, listing: Listing): Generator<string> {
  const { after, mode, prefix } = listing
  if (mode === undefined) return yield* names(objects, listing, prefix, "all")
  const folder = prefix === "" || isFolder(prefix) ? prefix : `${prefix}/`
  const kinds = mode === 0 ? ["files", "folders"] as const : ["folders", "files"] as const
  const first = after === undefined ? 0 : kinds.indexOf(isFolder(after) ? "folders" : "files")
  for (const [index, kind] of kinds.entries()) {
    if (index >= first) {
      yield* names(objects, index === first ? listing : { ...listing, after: undefined }, folder, kind)
    }
  }
}

/**
 * One page of a bucket's objects. Its cost is that of its own part of the bucket, wherever that is. Folders count
 * towards the limit: a client must not rely on a page's size (protocol 17.6).
 */
export const page = (objects: Sorted, listing: Listing): Page => {
  const taken: Array<string> = []
  let marker = ""
  for (const name of ordered(objects, listing)) {
    if (taken.length === listing.limit) {
      marker = encodeMarker(taken.at(-1) ?? "")
      break
    }
    taken.push(name)
  }
  return {
    objects: taken.flatMap((name) => objects.get(name) ?? []),
    folders: taken.filter(isFolder),
    marker
  }
}
