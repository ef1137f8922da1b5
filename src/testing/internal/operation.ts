import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type { Digest } from "../../services/Digest.ts"
import type { EmulatorSettings } from "../EmulatorOptions.ts"
import type { EmulatorRequest, OperationName } from "../EmulatorRequest.ts"
import type { EmulatorDisconnect, EmulatorResponse } from "../EmulatorResponse.ts"
import type { EmulatorStorage, EmulatorStorageError } from "../EmulatorStorage.ts"
import type { Background } from "./background.ts"
import type { Catalog } from "./catalog.ts"
import { Credentials } from "./credentials.ts"
import { type Refusal, refuse } from "./refusal.ts"
import { Settings } from "./settings.ts"
import type { Tasks } from "./tasks.ts"
import type { Usage } from "./usage.ts"

/** A fault's answer in place of the operation's. */
export class Intercepted extends Data.TaggedError("Intercepted")<{
  readonly response: EmulatorResponse
  /** Whether it pretends to come from the service. */
  readonly isService: boolean
}> {}

/** What a request is about, as faults match it and the log shows it. */
export interface Subject {
  readonly bucket?: string | undefined
  readonly block?: number | undefined
  readonly key?: string | undefined
}

/** A request on its way through an operation. */
export interface Exchange {
  readonly request: EmulatorRequest
  /** The named groups of the operation's path. */
  readonly params: { readonly [name: string]: string | undefined }
  /** The request's body, counted and bounded as it is read. */
  readonly body: Stream.Stream<Uint8Array, Refusal | EmulatorDisconnect>
  readonly startedAt: number
  /** The service's clock, which a fault may have put wrong. */
  readonly serviceTime: Effect.Effect<number>
  /** Tells what could not be read off the request's head; faults that wait for it strike here. */
  readonly identify: (subject: Subject) => Effect.Effect<void, Intercepted | EmulatorDisconnect | Refusal>
}

export type OperationError = Refusal | EmulatorDisconnect | EmulatorStorageError | Intercepted

export type OperationServices =
  | Settings
  | Credentials
  | Catalog
  | EmulatorStorage
  | Digest
  | Tasks
  | Usage
  | Background
  | Scope.Scope

/** One operation of the service: which requests are its own, and what it does with them. */
export interface Operation {
  readonly name: OperationName
  readonly methods: ReadonlyArray<string>
  /** Matched against the path as it stands on the wire. */
  readonly path: RegExp
  /** Matched against the query, likewise. Absent: any. */
  readonly query?: RegExp
  /** The largest body. Absent: `maxBodySize`. */
  readonly bodyLimit?: (settings: EmulatorSettings) => number
  /** What the head of a request says that it is about. */
  readonly subject?: (
    exchange: Pick<Exchange, "request" | "params">
  ) => Effect.Effect<Subject, EmulatorStorageError, Catalog>
  readonly handle: (exchange: Exchange) => Effect.Effect<EmulatorResponse, OperationError, OperationServices>
}

const maxText = 8 * 1024 * 1024

/** A body that is text: management bodies, lists of ctx. */
export const readText = ({ body }: Exchange): Effect.Effect<string, Refusal | EmulatorDisconnect> =>
  Effect.suspend(() => {
    const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })
    const decode = (bytes: Uint8Array | undefined) =>
      Effect.try({
        try: () => bytes === undefined ? decoder.decode() : decoder.decode(bytes, { stream: true }),
        catch: () => refuse(400, "Body Not UTF-8")
      })
    return Stream.runFoldEffect(body, "", (text, bytes) =>
      text.length + bytes.length > maxText
        ? Effect.fail(refuse(413, "Request Entity Too Large"))
        : Effect.map(decode(bytes), (more) => text + more)).pipe(
        Effect.flatMap((text) => Effect.map(decode(undefined), (rest) => text + rest))
      )
  })

/** Checks a management token over path, query and body as they came; gives the body. */
export const authorizeManagement = (
  exchange: Exchange
): Effect.Effect<string, Refusal | EmulatorDisconnect, Credentials> =>
  Effect.gen(function*() {
    const credentials = yield* Credentials
    const body = yield* readText(exchange)
    const { headers, path, query } = exchange.request
    yield* credentials.management({ authorization: headers["authorization"], path, query, body })
    return body
  })

/** mkblk, bput and mkfile tell the length of their body (protocol 5.3, 17.6). */
export const requireLength = ({ request }: Exchange): Effect.Effect<void, Refusal, Settings> =>
  Effect.flatMap(
    Settings,
    ({ strictness }) =>
      request.headers["content-length"] === undefined && strictness.contentLength === "required"
        ? Effect.fail(refuse(411, "Length Required"))
        : Effect.void
  )

/** A decimal number of a path or query. */
export const count = (name: string, text: string | undefined, least: number): Effect.Effect<number, Refusal> => {
  const value = /^\d{1,15}$/.test(text ?? "") ? Number(text) : -1
  return value < least ? Effect.fail(refuse(400, `Invalid ${name}`)) : Effect.succeed(value)
}
