import * as Effect from "effect/Effect"
import * as EmulatorResponse from "../EmulatorResponse.ts"
import { Catalog } from "../internal/catalog.ts"
import * as entries from "../internal/entries.ts"
import { authorizeManagement, type Operation } from "../internal/operation.ts"
import { refuse } from "../internal/refusal.ts"

/**
 * Deletes an object (protocol 6.6).
 *
 * @since 0.1.0
 * @category operations
 */
export const remove: Operation = {
  name: "delete",
  methods: ["POST"],
  path: /^\/delete\/(?<entry>[^/]+)$/,
  subject: entries.subject,
  handle: (exchange) =>
    Effect.gen(function*() {
      const catalog = yield* Catalog
      yield* authorizeManagement(exchange)
      const { bucket, key } = yield* entries.read(exchange.params["entry"])
      return (yield* catalog.removeObject(bucket, key))
        ? EmulatorResponse.json({ code: 200, message: "OK" })
        : yield* refuse(404, "File Not Found")
    })
}
