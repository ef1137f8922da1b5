import * as Effect from "effect/Effect"
import * as Encoding from "effect/Encoding"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import * as Base64Url from "../../domain/Base64Url.ts"
import * as Crc32 from "../../domain/Crc32.ts"
import { Digest } from "../../services/Digest.ts"
import type { EmulatorRequest } from "../EmulatorRequest.ts"
import * as EmulatorResponse from "../EmulatorResponse.ts"
import type { StoredBlock } from "../EmulatorStorage.ts"
import { Catalog } from "./catalog.ts"
import { claimedScope } from "./credentials.ts"
import type { Exchange, Subject } from "./operation.ts"
import { type Refusal, refuse } from "./refusal.ts"
import { Settings } from "./settings.ts"

/** What the head of a block request names: the policy's scope, and without a key in it the `Key` header (protocol 5.3). */
export const subject = ({ headers }: EmulatorRequest): Subject => {
  const scope = claimedScope(headers["authorization"] ?? "")
  const named = Option.flatMap(Option.fromNullable(headers["key"]), (key) => Option.getRight(Base64Url.decodeText(key)))
  return { bucket: scope?.bucket, key: scope?.key ?? Option.getOrUndefined(named) }
}

/** Takes a chunk in as it flows: 1 byte to `room`. Nothing stays of one that is refused. */
export const receive = (exchange: Exchange, room: number, refusal: Refusal) =>
  Effect.gen(function*() {
    const digest = yield* Digest
    const catalog = yield* Catalog
    const md5 = digest.md5()
    const crc32 = digest.crc32()
    let length = 0
    const content = yield* catalog.stage(Stream.tap(exchange.body, (bytes) =>
      Effect.suspend(() => {
        length += bytes.length
        if (length > room) return Effect.fail(refusal)
        md5.update(bytes)
        crc32.update(bytes)
        return Effect.void
      })))
    if (content.size === 0) return yield* refusal
    return { content, md5: Encoding.encodeHex(md5.digest()), crc32: Crc32.toNumber(crc32.digest()) }
  })

/** A batch that is not the block's: a client's mistake that the service is not known to mind (protocol 19.13). */
export const checkBatch = (exchange: Exchange, block: StoredBlock): Effect.Effect<void, Refusal, Settings> =>
  Effect.flatMap(Settings, ({ strictness }) => {
    if ((exchange.request.headers["uploadbatch"] ?? "") === block.batch) return Effect.void
    return strictness.foreignBatch === "refuse"
      ? Effect.fail(refuse(400, "UploadBatch Mismatch"))
      : Effect.logWarning("another UploadBatch than that of the mkblk").pipe(
        Effect.annotateLogs({ package: "effect-wcs", module: "Emulator", block: block.order })
      )
  })

/** The answer of mkblk and bput (protocol 5.3.2). */
export const answer = ({ ctx, last, received }: StoredBlock): EmulatorResponse.EmulatorResponse =>
  EmulatorResponse.json({ ctx, checksum: last.md5, crc32: last.crc32, offset: received })
