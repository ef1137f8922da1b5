import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import type { EmulatorRequest } from "../EmulatorRequest.ts"
import * as EmulatorResponse from "../EmulatorResponse.ts"
import { EmulatorStorage, type StoredObject } from "../EmulatorStorage.ts"
import * as appends from "../internal/appends.ts"
import * as byteRange from "../internal/byteRange.ts"
import { Catalog } from "../internal/catalog.ts"
import * as httpDate from "../internal/httpDate.ts"
import type { Exchange, Operation } from "../internal/operation.ts"
import * as percent from "../internal/percent.ts"
import { refuse } from "../internal/refusal.ts"

const locate = (params: Exchange["params"]): Option.Option<{ readonly bucket: string; readonly key: string }> =>
  Option.all({ bucket: percent.decode(params["bucket"] ?? ""), key: percent.decode(params["key"] ?? "") })

const seconds = (millis: number): number => Math.floor(millis / 1000)

/** Whether the client holds this very object; an etag goes before a date. */
const isUnchanged = ({ headers }: EmulatorRequest, { etag, putTime }: StoredObject): boolean => {
  const tags = headers["if-none-match"]
  if (tags !== undefined) {
    return tags.split(",").some((tag) => ["*", `"${etag}"`].includes(tag.trim().replace(/^W\//, "")))
  }
  const since = Date.parse(headers["if-modified-since"] ?? "")
  return !Number.isNaN(since) && seconds(putTime) <= seconds(since)
}

/** A range is of no use to a client that holds the beginning of another object. */
const rangeOf = ({ headers, method }: EmulatorRequest, { etag, putTime }: StoredObject): string | undefined => {
  const holds = headers["if-range"]
  return method === "GET" &&
      (holds === undefined || holds === `"${etag}"` || seconds(Date.parse(holds)) === seconds(putTime))
    ? headers["range"]
    : undefined
}

/** The object that a path of the download domain names. */
export const find = ({ params }: Pick<Exchange, "params">) =>
  Effect.gen(function*() {
    const catalog = yield* Catalog
    const { bucket, key } = yield* Either.fromOption(locate(params), () => refuse(400, "Invalid Key"))
    const found = yield* catalog.object(bucket, key)
    return Option.isSome(found) ? found.value : yield* refuse(404, "File Not Found")
  })

/**
 * Downloads an object, or a part of it (protocol 10, 19.24).
 *
 * @since 0.1.0
 * @category operations
 */
export const download: Operation = {
  name: "download",
  methods: ["GET", "HEAD"],
  path: /^\/download\/(?<bucket>[^/]+)\/(?<key>.+)$/,
  subject: ({ params }) => Effect.succeed(Option.getOrElse(locate(params), () => ({}))),
  handle: (exchange) =>
    Effect.gen(function*() {
      const storage = yield* EmulatorStorage
      const object = yield* find(exchange)
      const { content, etag, mimeType, putTime } = object
      const headers = {
        "accept-ranges": "bytes",
        etag: `"${etag}"`,
        "last-modified": httpDate.format(putTime),
        ...appends.headers(object)
      }
      if (isUnchanged(exchange.request, object)) return EmulatorResponse.empty(304, headers)
      const wanted = byteRange.parse(rangeOf(exchange.request, object) ?? "", content.size)
      if (Either.isLeft(wanted)) {
        return EmulatorResponse.json({ code: "416", message: "Requested Range Not Satisfiable" }, {
          status: 416,
          headers: { ...headers, "content-range": `bytes */${content.size}` }
        })
      }
      const { end, start } = wanted.right ?? { start: 0, end: content.size }
      return {
        status: wanted.right ? 206 : 200,
        headers: {
          ...headers,
          "content-type": mimeType,
          "content-length": String(end - start),
          ...(wanted.right && { "content-range": `bytes ${start}-${end - 1}/${content.size}` })
        },
        body: Stream.mapError(
          storage.read(content, { start, end }),
          (cause) => new EmulatorResponse.EmulatorDisconnect({ reason: "cut", cause })
        )
      }
    })
}
