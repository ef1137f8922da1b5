import * as Either from "effect/Either"
import * as Base64Url from "../../domain/Base64Url.ts"
import type { StoredObject } from "../EmulatorStorage.ts"
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

/**
 * One page of a bucket's objects, which come in the order of their keys. Folders count towards the limit: a client must
 * not rely on a page's size (protocol 17.6).
 */
export const page = (objects: ReadonlyArray<StoredObject>, listing: Listing): Page => {
  const prefix = listing.mode === undefined || listing.prefix === "" || isFolder(listing.prefix)
    ? listing.prefix
    : `${listing.prefix}/`
  const byName = new Map<string, StoredObject | undefined>()
  for (const object of objects) {
    const { key, putTime } = object
    if (!key.startsWith(prefix)) continue
    if (putTime < (listing.startTime ?? -Infinity) || putTime > (listing.endTime ?? Infinity)) continue
    const slash = listing.mode === undefined ? -1 : key.indexOf("/", prefix.length)
    if (slash < 0) byName.set(key, object)
    else byName.set(key.slice(0, slash + 1), undefined)
  }
  /** Files before folders or the other way round, then by name. A key does not end with a slash, a folder does. */
  const rank = (name: string): number => listing.mode === undefined ? 0 : Number(isFolder(name)) ^ listing.mode
  const order = (a: string, b: string) => Math.sign(rank(a) - rank(b)) || utf8Order(a, b)
  const { after } = listing
  const names = Array.from(byName.keys()).toSorted(order).filter((name) =>
    after === undefined || order(name, after) > 0
  )
  const taken = names.slice(0, listing.limit)
  return {
    objects: taken.flatMap((name) => byName.get(name) ?? []),
    folders: taken.filter((name) => byName.get(name) === undefined),
    marker: names.length > taken.length ? encodeMarker(taken.at(-1) ?? "") : ""
  }
}
