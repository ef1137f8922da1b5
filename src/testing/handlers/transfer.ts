import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as EmulatorResponse from "../EmulatorResponse.ts"
import { Catalog } from "../internal/catalog.ts"
import * as entries from "../internal/entries.ts"
import { authorizeManagement, type Operation } from "../internal/operation.ts"
import { refuse } from "../internal/refusal.ts"
import { Settings } from "../internal/settings.ts"

const transfer = (name: "move" | "copy"): Operation => ({
  name,
  methods: ["POST"],
  path: new RegExp(`^/${name}/(?<entry>[^/]+)/(?<target>[^/]+)$`),
  subject: entries.subject,
  handle: (exchange) =>
    Effect.gen(function*() {
      const catalog = yield* Catalog
      const { strictness } = yield* Settings
      yield* authorizeManagement(exchange)
      const source = yield* entries.read(exchange.params["entry"])
      const target = yield* entries.readTarget(exchange.params["target"])
      const done = EmulatorResponse.json({ code: 200, message: "OK" })
      if (source.text === target.text) {
        if (Option.isNone(yield* catalog.object(source.bucket, source.key))) return yield* refuse(404, "File Not Found")
        return strictness.sameTarget === "accept"
          ? done
          : yield* refuse(406, "File Already Exist", "source and target are the same")
      }
      const carry = name === "copy" ? catalog.copyObject : catalog.moveObject
      return (yield* carry(source, target, { overwrite: strictness.existingTarget === "overwrite" }))
        ? done
        : yield* refuse(404, "File Not Found")
    })
})

/**
 * Moves an object, of a playlist nothing else (protocol 6.7). What is known of the object stays with it, its time of
 * storage and retention, too (assumed); onto itself it is refused with 406 (assumed).
 *
 * @since 0.1.0
 * @category operations
 */
export const move: Operation = transfer("move")

/**
 * Copies an object, of a playlist nothing else (protocol 6.7). The copy is as new as it is; type, retention and whether it
 * may be appended to are the source's (assumed); onto itself it is refused with 406 (assumed).
 *
 * @since 0.1.0
 * @category operations
 */
export const copy: Operation = transfer("copy")
