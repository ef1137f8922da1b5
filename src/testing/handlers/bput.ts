import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { Catalog } from "../internal/catalog.ts"
import * as chunks from "../internal/chunks.ts"
import { Credentials } from "../internal/credentials.ts"
import { hexId } from "../internal/ids.ts"
import { count, type Operation, requireLength } from "../internal/operation.ts"
import { refuse } from "../internal/refusal.ts"
import { Settings } from "../internal/settings.ts"

/** Whatever is wrong with a ctx, its offset or its chunk; nothing is changed then (protocol 19.11). */
const invalid = (hint: string) => refuse(701, "Invalid ctx", hint)

/**
 * Adds the next chunk to a block (protocol 5.3.2, 19.11).
 *
 * @since 0.1.0
 * @category operations
 */
export const bput: Operation = {
  name: "bput",
  methods: ["POST"],
  path: /^\/bput\/(?<ctx>[^/]+)\/(?<offset>[^/]+)$/,
  subject: ({ params, request }) =>
    Effect.gen(function*() {
      const catalog = yield* Catalog
      const ctx = params["ctx"] ?? ""
      const current = yield* catalog.block(ctx)
      const block = Option.isSome(current) ? current : yield* catalog.blockAfter(ctx)
      return { ...chunks.subject(request), block: Option.getOrUndefined(block)?.order }
    }),
  handle: (exchange) =>
    Effect.gen(function*() {
      const credentials = yield* Credentials
      const catalog = yield* Catalog
      const { strictness } = yield* Settings
      const grant = yield* credentials.upload(exchange.request.headers["authorization"], yield* exchange.serviceTime)
      const ctx = exchange.params["ctx"] ?? ""
      const offset = yield* count("Offset", exchange.params["offset"], 0)
      yield* requireLength(exchange)

      const known = Option.filter(yield* catalog.block(ctx), ({ bucket }) => bucket === grant.bucket)
      if (Option.isNone(known)) {
        const after = Option.filter(yield* catalog.blockAfter(ctx), ({ bucket }) => bucket === grant.bucket)
        if (Option.isNone(after) || strictness.repeatedChunk === "refuse") {
          return yield* invalid(Option.isSome(after) ? "this ctx has been used" : "no block has this ctx")
        }
        const { chunks: earlier, last, received } = after.value
        const size = earlier.at(-1)?.size ?? 0
        const again = yield* chunks.receive(exchange, size, invalid("not the bytes that came with this ctx before"))
        return again.md5 === last.md5 && again.content.size === size && offset === received - size
          ? chunks.answer(after.value)
          : yield* invalid("not the bytes that came with this ctx before")
      }
      const block = known.value
      yield* chunks.checkBatch(exchange, block)
      if (offset !== block.received) return yield* invalid(`the block has ${block.received} bytes`)
      const room = block.size - block.received
      const chunk = yield* chunks.receive(exchange, room, invalid(`the block has room for ${room} bytes`))
      const next = {
        ...block,
        ctx: yield* hexId,
        received: block.received + chunk.content.size,
        chunks: [...block.chunks, chunk.content],
        last: { ctx, md5: chunk.md5, crc32: chunk.crc32 }
      }
      return (yield* catalog.putBlock(next, ctx)) ? chunks.answer(next) : yield* invalid("this ctx has been used")
    })
}
