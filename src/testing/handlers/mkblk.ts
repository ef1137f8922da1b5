import * as Effect from "effect/Effect"
import { Catalog } from "../internal/catalog.ts"
import * as chunks from "../internal/chunks.ts"
import { Credentials } from "../internal/credentials.ts"
import { hexId } from "../internal/ids.ts"
import { count, type Operation, requireLength } from "../internal/operation.ts"
import { refuse } from "../internal/refusal.ts"

/**
 * Opens a block with its first chunk (protocol 5.3.1, 19.9, 19.10).
 *
 * @since 0.1.0
 * @category operations
 */
export const mkblk: Operation = {
  name: "mkblk",
  methods: ["POST"],
  path: /^\/mkblk\/(?<size>[^/]+)\/(?<order>[^/]+)$/,
  subject: ({ params, request }) => Effect.succeed({ ...chunks.subject(request), block: Number(params["order"]) }),
  handle: (exchange) =>
    Effect.gen(function*() {
      const credentials = yield* Credentials
      const catalog = yield* Catalog
      const { headers } = exchange.request
      const grant = yield* credentials.upload(headers["authorization"], yield* exchange.serviceTime)
      const size = yield* count("Block Size", exchange.params["size"], 1)
      const order = yield* count("Block Order", exchange.params["order"], 0)
      yield* requireLength(exchange)
      const chunk = yield* chunks.receive(exchange, size, refuse(400, "Invalid Chunk Length"))
      const block = {
        id: yield* hexId,
        ctx: yield* hexId,
        batch: headers["uploadbatch"] ?? "",
        bucket: grant.bucket,
        order,
        size,
        received: chunk.content.size,
        createdAt: exchange.startedAt,
        chunks: [chunk.content],
        last: { md5: chunk.md5, crc32: chunk.crc32 }
      }
      yield* catalog.putBlock(block, undefined)
      return chunks.answer(block)
    })
}
