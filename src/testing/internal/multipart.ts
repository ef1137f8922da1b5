import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as percent from "./percent.ts"
import { type Refusal, refuse } from "./refusal.ts"

// `Multipart` of @effect/platform would do, but for three things that clients do and an emulator has to get right: a file
// name that is raw UTF-8 (its part comes out without a name), a file part without a file name (it is read as text), and a
// body that ends too early (its parser turns in circles).

/** The head of a part. */
export interface PartHead {
  readonly name: string
  readonly fileName: string | undefined
  readonly contentType: string | undefined
}

/** A form that has been read: its fields, and what became of its file. */
export interface Form<A> {
  readonly fields: ReadonlyMap<string, string>
  readonly file: A | undefined
}

const maxHead = 16 * 1024
/** Of all fields in all: they are held in memory. */
const maxFields = 1024 * 1024
const maxParts = 1000

const malformed = (what: string): Refusal => refuse(400, `Malformed Form: ${what}`)

const encoder = new TextEncoder()
const decoder = new TextDecoder()

const concat = (parts: ReadonlyArray<Uint8Array>): Uint8Array => {
  const joined = new Uint8Array(parts.reduce((length, part) => length + part.length, 0))
  let at = 0
  for (const part of parts) {
    joined.set(part, at)
    at += part.length
  }
  return joined
}

const indexOf = (bytes: Uint8Array, needle: Uint8Array): number => {
  const last = bytes.length - needle.length
  for (let at = bytes.indexOf(needle[0]!); at >= 0 && at <= last; at = bytes.indexOf(needle[0]!, at + 1)) {
    let matched = 1
    while (matched < needle.length && bytes[at + matched] === needle[matched]) matched++
    if (matched === needle.length) return at
  }
  return -1
}

/** Bytes that are pulled as they are needed. */
const makeReader = <E, R>(pull: Effect.Effect<Chunk.Chunk<Uint8Array>, Option.Option<E>, R>) => {
  let buffer: Uint8Array = encoder.encode("\r\n")
  const fill = Effect.matchEffect(pull, {
    onFailure: Option.match({ onNone: () => Effect.succeed(false), onSome: (error: E) => Effect.fail(error) }),
    onSuccess: (chunk) =>
      Effect.sync(() => {
        buffer = concat([buffer, ...chunk])
        return true
      })
  })
  const more = Effect.filterOrFail(fill, (filled) => filled, () => malformed("it ends before its closing boundary"))

  /** The bytes before `needle`, which is skipped; at most `limit` of them. */
  const until = (needle: Uint8Array, limit: number): Effect.Effect<Uint8Array, E | Refusal, R> =>
    Effect.suspend(() => {
      const at = indexOf(buffer, needle)
      if (at < 0) {
        return buffer.length > limit
          ? Effect.fail(malformed("the head of a part is too long"))
          : Effect.zipRight(more, until(needle, limit))
      }
      const before = buffer.subarray(0, at)
      buffer = buffer.subarray(at + needle.length)
      return Effect.succeed(before)
    })

  /** The next bytes before `needle`; `None` once it has been reached and skipped. */
  const pieceBefore = (needle: Uint8Array) => {
    let done = false
    const next: Effect.Effect<Uint8Array, Option.Option<E | Refusal>, R> = Effect.suspend(() => {
      if (done) return Effect.fail(Option.none())
      const at = indexOf(buffer, needle)
      const safe = at < 0 ? buffer.length - needle.length + 1 : at
      if (safe > 0) {
        const piece = buffer.subarray(0, safe)
        buffer = buffer.subarray(safe)
        return Effect.succeed(piece)
      }
      if (at < 0) return Effect.zipRight(Effect.mapError(more, Option.some), next)
      buffer = buffer.subarray(needle.length)
      done = true
      return Effect.fail(Option.none())
    })
    return Stream.repeatEffectOption(next)
  }

  const peek = (length: number): Effect.Effect<Uint8Array, E | Refusal, R> =>
    Effect.suspend(() =>
      buffer.length < length
        ? Effect.zipRight(more, peek(length))
        : Effect.succeed(buffer.subarray(0, length))
    )

  return { until, pieceBefore, peek, drain: Effect.repeat(fill, { while: (filled) => filled }) }
}

const unquote = (value: string): string =>
  value.startsWith("\"") ? value.slice(1, -1).replace(/\\(["\\])/g, "$1") : value

/** `filename*=UTF-8''…` */
const extended = (value: string): string | undefined => {
  const encoded = /^utf-8'[^']*'(.*)$/i.exec(value)?.[1]
  return encoded === undefined ? undefined : Option.getOrUndefined(percent.decode(encoded))
}

const parseHead = (text: string): PartHead | undefined => {
  const headers = new Map(
    text.split("\r\n").map((line) => {
      const colon = line.indexOf(":")
      return [line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()] as const
    })
  )
  const disposition = headers.get("content-disposition") ?? ""
  if (!/^form-data\s*(;|$)/i.test(disposition)) return undefined
  const parameters = new Map(
    Array.from(
      disposition.matchAll(/;\s*([\w*.-]+)\s*=\s*("(?:[^"\\]|\\.)*"|[^;\s]*)/g),
      ([, name = "", value = ""]) => [name.toLowerCase(), unquote(value)] as const
    )
  )
  const name = parameters.get("name")
  return name === undefined ? undefined : {
    name,
    fileName: extended(parameters.get("filename*") ?? "") ?? parameters.get("filename"),
    contentType: headers.get("content-type")
  }
}

/** The boundary that a Content-Type names. */
export const boundaryOf = (contentType: string | undefined): string | undefined => {
  const match = /^multipart\/form-data\s*;.*?\bboundary=("[^"]{1,70}"|[^\s;"]{1,70})/i.exec(contentType ?? "")
  return match?.[1] === undefined ? undefined : unquote(match[1])
}

/**
 * Reads a form as it flows. The part `file` goes to `onFile`, wherever it stands; of a field that comes twice the first
 * one counts; other files are skipped.
 */
export const read = <A, E, E2, R>(
  body: Stream.Stream<Uint8Array, E>,
  boundary: string,
  onFile: (head: PartHead, content: Stream.Stream<Uint8Array, E | Refusal>) => Effect.Effect<A, E2, R>
): Effect.Effect<Form<A>, E | E2 | Refusal, R | Scope.Scope> =>
  Effect.gen(function*() {
    const reader = makeReader(yield* Stream.toPull(body))
    const delimiter = encoder.encode(`\r\n--${boundary}`)
    const headEnd = encoder.encode("\r\n\r\n")
    const fields = new Map<string, string>()
    let file: A | undefined
    let length = 0
    yield* Stream.runDrain(reader.pieceBefore(delimiter))
    for (let parts = 0; decoder.decode(yield* reader.peek(2)) !== "--"; parts++) {
      if (parts === maxParts) return yield* malformed("it has too many parts")
      const head = parseHead(decoder.decode(yield* reader.until(headEnd, maxHead)))
      if (head === undefined) return yield* malformed("a part has no name")
      const content = reader.pieceBefore(delimiter)
      if (head.name === "file") {
        if (file !== undefined) return yield* malformed("it has two files")
        file = yield* onFile(head, content)
      } else if (head.fileName === undefined) {
        const value = yield* Stream.runCollect(Stream.tap(content, (piece) =>
          (length += piece.length) > maxFields
            ? Effect.fail(malformed("its fields are too long"))
            : Effect.void))
        if (!fields.has(head.name)) fields.set(head.name, decoder.decode(concat(Chunk.toReadonlyArray(value))))
      }
      yield* Stream.runDrain(content)
    }
    yield* reader.drain
    return { fields, file }
  })
