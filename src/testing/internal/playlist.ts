import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { EmulatorStorage, type EmulatorStorageError, type StoredObject } from "../EmulatorStorage.ts"
import * as percent from "./percent.ts"

/** What is read of a playlist, in bytes. */
const longest = 8 * 1024 * 1024

export const isPlaylist = ({ key, mimeType }: StoredObject): boolean =>
  /\.m3u8$/i.test(key) || /mpegurl$/i.test(mimeType)

/** The key that a relative URL names in a playlist of this key. */
export const keyOf = (uri: string, playlist: string): Option.Option<string> => {
  const base = `http://bucket/${playlist.split("/").map(encodeURIComponent).join("/")}`
  return URL.canParse(uri, base) ? percent.decode(new URL(uri, base).pathname.slice(1)) : Option.none()
}

/** The segments that stand in a playlist with relative URLs, in its order: no comments, no URLs of their own (protocol 7.7). */
export const references = (
  { content }: StoredObject
): Effect.Effect<ReadonlyArray<string>, EmulatorStorageError, EmulatorStorage> =>
  Effect.gen(function*() {
    const storage = yield* EmulatorStorage
    const text = yield* Stream.mkString(
      Stream.decodeText(storage.read(content, { start: 0, end: Math.min(content.size, longest) }))
    )
    return text.split("\n").map((line) => line.trim()).filter((uri) =>
      uri !== "" && !uri.startsWith("#") && !/^([a-z][a-z\d+.-]*:|\/\/)/i.test(uri)
    )
  })

/** The keys of these segments, whether there are such objects. */
export const segments = (
  playlist: StoredObject
): Effect.Effect<ReadonlyArray<string>, EmulatorStorageError, EmulatorStorage> =>
  Effect.map(
    references(playlist),
    (uris) => Array.from(new Set(uris.flatMap((uri) => Option.toArray(keyOf(uri, playlist.key)))))
  )
