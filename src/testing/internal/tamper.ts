import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as Base64Url from "../../domain/Base64Url.ts"
import { EmulatorDisconnect, type EmulatorResponse } from "../EmulatorResponse.ts"
import type { Action } from "../Fault.ts"

const parse = Schema.decodeOption(Schema.parseJson())

const isRecord = (u: unknown): u is { readonly [name: string]: unknown } =>
  typeof u === "object" && u !== null && !Array.isArray(u)

/** Another hash that could be one. */
const otherHash = (hash: string): string => hash.slice(0, 1) + (hash[1] === "A" ? "B" : "A") + hash.slice(2)

const changeHash = (value: unknown): unknown =>
  Array.isArray(value)
    ? value.map(changeHash)
    : isRecord(value)
    ? Object.fromEntries(
      Object.entries(value).map(([name, member]) => [
        name,
        name === "hash" && typeof member === "string"
          ? otherHash(member)
          : name === "items"
          ? changeHash(member)
          : member
      ])
    )
    : value

const changeChecksums = (of: "crc32" | "checksum" | "both") => (value: unknown): unknown =>
  isRecord(value) && typeof value["crc32"] === "number" && typeof value["checksum"] === "string"
    ? {
      ...value,
      ...(of !== "checksum" && { crc32: (value["crc32"] ^ 1) >>> 0 }),
      ...(of !== "crc32" && {
        checksum: value["checksum"].replace(/^./, (digit) => (Number.parseInt(digit, 16) ^ 1).toString(16))
      })
    }
    : value

/** Rewrites a JSON body, or the `hash=` of a Base64 one. */
const rewrite = (response: EmulatorResponse, change: (value: unknown) => unknown): EmulatorResponse => {
  if (!(response.body instanceof Uint8Array) || response.body.length === 0) return response
  const text = new TextDecoder().decode(response.body)
  const changed = Option.match(Option.filter(parse(text), isRecord), {
    onSome: (value) => JSON.stringify(change(value)),
    onNone: () =>
      Base64Url.decodeText(text).pipe(
        Option.getRight,
        Option.flatMap((inner) => {
          const hash = /(?:^|&)hash=([^&]*)/.exec(inner)?.[1]
          const other = hash === undefined ? undefined : change({ hash })
          return isRecord(other)
            ? Option.some(Base64Url.encode(inner.replace(`hash=${hash}`, `hash=${other["hash"]}`)))
            : Option.none()
        }),
        Option.getOrElse(() => text)
      )
  })
  const body = new TextEncoder().encode(changed)
  return { ...response, headers: { ...response.headers, "content-length": String(body.length) }, body }
}

const bodyOf = ({ body }: EmulatorResponse): Stream.Stream<Uint8Array, EmulatorDisconnect> =>
  body instanceof Uint8Array ? Stream.make(body) : body

/** The first `after` bytes, then a broken connection. */
const cut = (body: Stream.Stream<Uint8Array, EmulatorDisconnect>, after: number) =>
  body.pipe(
    Stream.mapAccum(after, (left, bytes) => {
      const kept = bytes.subarray(0, left)
      return [left - kept.length, { kept, isCut: kept.length < bytes.length }]
    }),
    Stream.flatMap(({ isCut, kept }) =>
      isCut
        ? Stream.concat(Stream.make(kept), Stream.fail(new EmulatorDisconnect({ reason: "cut" })))
        : Stream.make(kept)
    )
  )

const flip = (body: Stream.Stream<Uint8Array, EmulatorDisconnect>, at: number) =>
  Stream.mapAccum(body, 0, (offset, bytes) => {
    const index = at - offset
    if (index < 0 || index >= bytes.length) return [offset + bytes.length, bytes]
    const copy = bytes.slice()
    copy[index] = (copy[index] ?? 0) ^ 0xff
    return [offset + bytes.length, copy]
  })

/** An answer as a fault leaves it. */
export const apply = (response: EmulatorResponse, action: Action): EmulatorResponse => {
  switch (action._tag) {
    case "WrongChecksum":
      return rewrite(response, changeChecksums(action.of))
    case "WrongHash": {
      const { etag } = response.headers
      const headers = etag === undefined
        ? response.headers
        : { ...response.headers, etag: `"${otherHash(etag.slice(1, -1))}"` }
      return rewrite({ ...response, headers }, changeHash)
    }
    case "Truncate":
      return { ...response, body: cut(bodyOf(response), action.after) }
    case "Corrupt":
      return { ...response, body: flip(bodyOf(response), action.at) }
    default:
      return response
  }
}
