import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Base64Url from "../../domain/Base64Url.ts"
import { pieceSize } from "../../domain/Etag.ts"
import * as ReturnBody from "../../domain/ReturnBody.ts"
import * as EmulatorResponse from "../EmulatorResponse.ts"
import { EmulatorStorage, type StoredBlock } from "../EmulatorStorage.ts"
import { Background } from "../internal/background.ts"
import * as callback from "../internal/callback.ts"
import { Catalog, readAll } from "../internal/catalog.ts"
import * as chunks from "../internal/chunks.ts"
import { Credentials, type Grant } from "../internal/credentials.ts"
import * as fopsPersistent from "../internal/fopsPersistent.ts"
import * as mimeTypes from "../internal/mimeTypes.ts"
import { count, type Exchange, type Operation, readText, requireLength } from "../internal/operation.ts"
import * as percent from "../internal/percent.ts"
import { type Refusal, refuse } from "../internal/refusal.ts"
import { Settings } from "../internal/settings.ts"
import * as uploads from "../internal/upload.ts"

/** What the path says beside the size: `/key/<b64u>`, `/x:<name>/<b64u>`, a trailing slash (protocol 5.3.3). */
const readPath = (rest: string): Either.Either<ReadonlyMap<string, string>, Refusal> => {
  const [, ...segments] = rest.replace(/\/$/, "").split("/")
  const named = new Map<string, string>()
  for (let i = 0; i < segments.length; i += 2) {
    const [segment = "", encoded] = segments.slice(i, i + 2)
    const name = Option.getOrElse(percent.decode(segment), () => segment)
    const value = encoded === undefined ? Option.none() : Option.getRight(Base64Url.decodeText(encoded))
    if (Option.isNone(value) || (name !== "key" && !name.startsWith("x:"))) {
      return Either.left(refuse(400, "Invalid Path"))
    }
    named.set(name, value.value)
  }
  return Either.right(named)
}

/** The key of the `Key` header. */
const headerKey = (encoded: string | undefined): Either.Either<string | undefined, Refusal> =>
  encoded === undefined
    ? Either.right(undefined)
    : Either.mapLeft(Base64Url.decodeText(encoded), () => refuse(400, "Invalid Key", "the header is in Base64"))

/** The blocks that a list of ctx names, each complete (protocol 19.14). */
const findBlocks = (exchange: Exchange, grant: Grant, list: string) =>
  Effect.gen(function*() {
    const catalog = yield* Catalog
    const { strictness } = yield* Settings
    const bad = (hint: string) => refuse(strictness.badBlock, "Invalid ctx", hint)
    return yield* Effect.forEach(list.split(","), (ctx, index) =>
      Effect.gen(function*() {
        const found = yield* catalog.block(ctx)
        if (Option.isNone(found) || found.value.bucket !== grant.bucket) {
          return yield* bad(`no block has ctx number ${index} as its last`)
        }
        const block = found.value
        if (block.received < block.size) {
          return yield* bad(`block ${block.order} has ${block.received} of ${block.size} bytes`)
        }
        yield* chunks.checkBatch(exchange, block)
        return block
      }))
  })

const sumOf = (blocks: ReadonlyArray<StoredBlock>): number => blocks.reduce((sum, { size }) => sum + size, 0)

/** Order, sizes and sum of the blocks (protocol 5.3.1, 19.14). */
const checkBlocks = (blocks: ReadonlyArray<StoredBlock>, size: number, missingBlocks: "refuse" | "accept") => {
  const [first] = blocks
  const problem =
    blocks.some(({ order }, index) =>
        missingBlocks === "refuse" ? order !== index : index > 0 && order <= (blocks[index - 1]?.order ?? 0)
      )
      ? "the blocks are not in order"
      : blocks.slice(0, -1).some((block) => block.size !== first?.size || block.size % pieceSize !== 0)
      ? `every block but the last has the same size, a multiple of ${pieceSize} bytes`
      : missingBlocks === "refuse" && sumOf(blocks) !== size
      ? "the blocks do not add up to the size of the file"
      : undefined
  return problem === undefined ? Effect.void : Effect.fail(refuse(412, "Precondition Failed", problem))
}

/** The answer of an upload that succeeded (protocol 4.2). */
const respond = (policy: Grant["policy"], lookup: uploads.Lookup) =>
  Effect.gen(function*() {
    const { strictness } = yield* Settings
    if (policy.callbackUrl) {
      return yield* callback.relay(policy.callbackUrl, policy.callbackBody, (text) => ReturnBody.expand(text, lookup))
    }
    const body = Object.fromEntries(uploads.returned(policy, lookup, ["key", "hash"]))
    return policy.returnBody && strictness.sliceReturnBody === "base64"
      ? EmulatorResponse.text(Base64Url.encode(JSON.stringify(body)))
      : EmulatorResponse.json(body)
  })

/**
 * Joins blocks into an object (protocol 5.3.3, 19.14, 19.15).
 *
 * @since 0.1.0
 * @category operations
 */
export const mkfile: Operation = {
  name: "mkfile",
  methods: ["POST"],
  path: /^\/mkfile\/(?<size>[^/]+)(?<rest>(?:\/[^/]*)*)$/,
  subject: ({ params, request }) => {
    const { bucket, key } = chunks.subject(request)
    const named = Option.getOrUndefined(Option.getRight(readPath(params["rest"] ?? "")))
    return Effect.succeed({ bucket, key: key ?? named?.get("key") })
  },
  handle: (exchange) =>
    Effect.gen(function*() {
      const background = yield* Background
      const credentials = yield* Credentials
      const catalog = yield* Catalog
      const storage = yield* EmulatorStorage
      const { strictness } = yield* Settings
      const { headers } = exchange.request
      const grant = yield* credentials.upload(headers["authorization"], yield* exchange.serviceTime)
      const size = yield* count("File Size", exchange.params["size"], 0)
      yield* requireLength(exchange)
      const named = yield* readPath(exchange.params["rest"] ?? "")
      const custom = new Map(Array.from(named).filter(([name]) => name.startsWith("x:")))
      yield* uploads.checkCustom(custom)
      const requested = named.get("key") ?? (yield* headerKey(headers["key"]))
      const key = yield* uploads.chooseKey(grant, requested, Effect.succeed(undefined))
      const list = yield* readText(exchange)
      if (list === "") return yield* refuse(401, "ctx can not be null")
      yield* uploads.checkSize(grant, size)
      yield* uploads.checkFree(grant, key)
      const blocks = yield* findBlocks(exchange, grant, list)
      yield* checkBlocks(blocks, size, strictness.missingBlocks)
      yield* uploads.checkSize(grant, sumOf(blocks))
      const staged = yield* uploads.stage(readAll(storage, blocks.flatMap((block) => block.chunks))).pipe(
        // Blocks that have gone meanwhile are as bad as those that had gone before.
        Effect.catchTag("EmulatorStorageError", (error) => Effect.zipRight(findBlocks(exchange, grant, list), error))
      )
      const commit = uploads.commit(exchange, {
        ...staged,
        grant,
        key,
        mimeType: headers["mimetype"] || mimeTypes.fromName(key),
        retention: headers["deadline"],
        custom,
        fileName: undefined,
        ...(staged.content.size === size ? {} : { listedSize: size })
      })
      const stored = Effect.tap(
        fopsPersistent.begin(exchange, grant, commit),
        strictness.usedBlocks === "remove" ? catalog.removeBlocks(blocks) : Effect.void
      )
      return yield* background.followUp(stored, (lookup) => respond(grant.policy, lookup))
    })
}
