import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as appends from "../internal/appends.ts"
import { Catalog } from "../internal/catalog.ts"
import * as fopsPersistent from "../internal/fopsPersistent.ts"
import * as forms from "../internal/forms.ts"
import { count, type Operation } from "../internal/operation.ts"
import { refuse } from "../internal/refusal.ts"
import { Settings } from "../internal/settings.ts"
import * as uploads from "../internal/upload.ts"

/** What a form may hold beside its file, in bytes. */
const formRoom = 1024 * 1024

/**
 * Adds bytes to an object, or creates one that bytes can be added to (protocol 5.5). The type is that of the first append
 * and the retention that of the last one that has any (assumed); `fsizeLimit` bounds the whole object (inferred), and
 * `overwrite` has no meaning. An append of no bytes to an object changes nothing, not even its time.
 *
 * @since 0.1.0
 * @category operations
 */
export const append: Operation = {
  name: "append",
  methods: ["POST"],
  path: /^\/append\/(?<position>[^/]+)$/,
  bodyLimit: ({ maxAppendSize }) => maxAppendSize + formRoom,
  handle: (exchange) =>
    Effect.gen(function*() {
      const catalog = yield* Catalog
      const { maxAppendSize } = yield* Settings
      const position = yield* count("Position", exchange.params["position"], 0)
      // The hash of the object is known once it is known what the bytes are added to.
      const take: Parameters<typeof forms.handle>[1] = (content) =>
        Effect.map(catalog.stage(content), (content) => ({ content, etag: "" }))
      return yield* forms.handle(exchange, take, (upload) =>
        Effect.gen(function*() {
          const { content, grant, key, mimeType, retention } = upload
          if (content.size > maxAppendSize) return yield* refuse(413, "Request Entity Too Large")
          yield* uploads.checkSize(grant, position + content.size)
          yield* uploads.checkMimeType(mimeType)
          const now = yield* Clock.currentTimeMillis
          const expiry = retention ? { at: yield* uploads.expiry(retention, now) } : undefined
          const commit = Effect.map(
            appends.grow({ bucket: grant.bucket, key }, { position, content, mimeType, expiry }),
            ({ content, etag, mimeType }) =>
              uploads.variables(exchange, { ...upload, content, etag, mimeType }, now - exchange.startedAt)
          )
          const lookup = yield* fopsPersistent.begin(exchange, grant, commit)
          return { lookup, headers: appends.headersFor(position + content.size) }
        }))
    })
}
