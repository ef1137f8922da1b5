import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as EmulatorResponse from "../EmulatorResponse.ts"
import { Catalog } from "../internal/catalog.ts"
import * as grammar from "../internal/grammar.ts"
import { authorizeManagement, type Operation } from "../internal/operation.ts"
import * as playlist from "../internal/playlist.ts"
import { refuse } from "../internal/refusal.ts"
import * as uploads from "../internal/upload.ts"

const readBody = grammar.body(Schema.Struct({
  bucket: grammar.Bucket,
  key: grammar.Key,
  deadline: grammar.optional(grammar.Days),
  deleteAfterDays: grammar.optional(grammar.Days),
  relevance: Schema.optionalWith(grammar.Flag, { exact: true, default: () => true })
}))

/**
 * Sets when an object goes: after so many days from now, 0 at once, -1 never (protocol 6.8). With a playlist go the
 * segments that it names by relative URLs, unless `relevance` is 0; those that are not there do not matter.
 *
 * @since 0.1.0
 * @category operations
 */
export const setDeadline: Operation = {
  name: "setdeadline",
  methods: ["POST"],
  path: /^\/setdeadline$/,
  handle: (exchange) =>
    Effect.gen(function*() {
      const catalog = yield* Catalog
      const { bucket, deadline, deleteAfterDays, key, relevance } = yield* readBody(
        yield* authorizeManagement(exchange)
      )
      yield* exchange.identify({ bucket, key })
      if ((deadline === undefined) === (deleteAfterDays === undefined)) {
        return yield* grammar.invalid("deadline is needed, or deleteAfterDays in its place")
      }
      yield* grammar.checkBuckets([bucket])
      const expiresAt = yield* uploads.expiry(deadline ?? deleteAfterDays, yield* Clock.currentTimeMillis)
      const found = yield* catalog.object(bucket, key)
      if (Option.isNone(found)) return yield* refuse(404, "File Not Found")
      const segments = relevance && playlist.isPlaylist(found.value) ? yield* playlist.segments(found.value) : []
      yield* Effect.forEach([...segments, key], (key) => catalog.setExpiry({ bucket, key }, expiresAt), {
        discard: true
      })
      return EmulatorResponse.json({ code: 200, message: "OK" })
    })
}
