import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Encoding from "effect/Encoding"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as Base64Url from "../../domain/Base64Url.ts"
import * as Entry from "../../domain/Entry.ts"
import { Digest } from "../../services/Digest.ts"
import * as fmgrAction from "./fmgrAction.ts"
import { destination, target } from "./fmgrTransfer.ts"
import * as grammar from "./grammar.ts"
import * as mimeTypes from "./mimeTypes.ts"
import * as percent from "./percent.ts"
import * as playlist from "./playlist.ts"
import { refuse } from "./refusal.ts"
import { Settings } from "./settings.ts"
import * as objects from "./taskObjects.ts"
import { folderOf, unpack } from "./taskUnpack.ts"
import * as web from "./web.ts"

/** An MD5 as 32 hexadecimal digits, plain or in Base64 (protocol 17.1). */
const md5Of = (text: string): string | undefined =>
  [text, Option.getOrElse(Option.getRight(Base64Url.decodeText(text)), () => "")]
    .find((digits) => /^[\da-f]{32}$/i.test(digits))?.toLowerCase()

const Fetch = Schema.Struct({
  fetchURL: grammar.Url,
  ...destination,
  md5: grammar.optional(Schema.String.pipe(
    Schema.filter((text) => md5Of(text) !== undefined || "is an MD5 as 32 hexadecimal digits")
  )),
  decompression: grammar.optional(grammar.Zip),
  fetchTS: grammar.optional(grammar.Flag)
})

/** Stores what a URL gives, bounded like the body of a request. */
export const fetchTo = (errand: objects.Errand, url: URL, to: Entry.Entry, md5: string | undefined) =>
  Effect.gen(function*() {
    const { maxBodySize } = yield* Settings
    const hash = (yield* Digest).md5()
    yield* objects.checkFree(errand, to)
    const source = yield* web.open(url)
    let length = 0
    const bounded = Stream.tap(source.stream, (bytes) =>
      Effect.suspend(() => {
        length += bytes.length
        hash.update(bytes)
        return length > maxBodySize ? refuse(413, "The Source Is Too Large") : Effect.void
      }))
    const staged = yield* objects.stage(errand, bounded)
    if (md5 !== undefined && Encoding.encodeHex(hash.digest()) !== md5) return yield* refuse(412, "Another MD5")
    const given = source.contentType ?? mimeTypes.unknown
    const mimeType = given === mimeTypes.unknown ? mimeTypes.fromName(to.key) : given
    return { object: yield* objects.put(errand, to, { ...staged, mimeType }), url: source.url }
  })

/** Fetches an object from another server; an archive is unpacked beside its key (inferred; protocol 7.2). */
export const fetch = fmgrAction.make("fmgr/fetch", Fetch, (fields, errand) =>
  Either.gen(function*() {
    const url = new URL(fields.fetchURL)
    const own = Option.getOrElse(percent.decode(url.pathname), () => url.pathname).replace(/^\/+/, "")
    const to = yield* target(fields, own)
    const run = Effect.gen(function*() {
      const fetched = yield* fetchTo(errand, url, to, fields.md5 === undefined ? undefined : md5Of(fields.md5))
      const { object } = fetched
      if (fields.fetchTS && playlist.isPlaylist(object)) {
        yield* Effect.forEach(yield* playlist.references(object), (uri) =>
          Effect.gen(function*() {
            const key = Option.getOrElse(playlist.keyOf(uri, to.key), () => "")
            const segment = yield* Either.mapLeft(
              Entry.toStore({ bucket: to.bucket, key }),
              ({ detail }) => refuse(400, "The Playlist Has A Segment That Cannot Be Stored", detail)
            )
            yield* fetchTo(errand, new URL(uri, fetched.url), segment, undefined)
          }), { discard: true })
      }
      const outcome = objects.outcome(errand, object)
      if (fields.decompression === undefined) return outcome
      const place = { bucket: to.bucket, folder: folderOf(to) }
      return { ...outcome, decompresslist: yield* unpack(errand, object.content, place) }
    })
    return { buckets: [to.bucket], run }
  }))
