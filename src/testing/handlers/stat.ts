import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as EmulatorResponse from "../EmulatorResponse.ts"
import * as appends from "../internal/appends.ts"
import { Catalog } from "../internal/catalog.ts"
import * as entries from "../internal/entries.ts"
import { authorizeManagement, type Operation } from "../internal/operation.ts"
import { refuse } from "../internal/refusal.ts"

/**
 * Describes an object (protocol 6.1).
 *
 * @since 0.1.0
 * @category operations
 */
export const stat: Operation = {
  name: "stat",
  methods: ["GET"],
  path: /^\/stat\/(?<entry>[^/]+)$/,
  subject: entries.subject,
  handle: (exchange) =>
    Effect.gen(function*() {
      const catalog = yield* Catalog
      yield* authorizeManagement(exchange)
      const { bucket, key } = yield* entries.read(exchange.params["entry"])
      const found = yield* catalog.object(bucket, key)
      if (Option.isNone(found)) return yield* refuse(404, "File Not Found")
      const { content, etag, expiresAt, mimeType, putTime } = found.value
      return EmulatorResponse.json({
        result: true,
        code: 200,
        message: "OK",
        name: key,
        fsize: content.size,
        hash: etag,
        mimeType,
        putTime: putTime - putTime % 1000,
        expirationDate: entries.expirationDate(expiresAt)
      }, { headers: appends.headers(found.value) })
    })
}
