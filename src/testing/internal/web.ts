import * as Cause from "effect/Cause"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import { flow } from "effect/Function"
import * as Schedule from "effect/Schedule"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as Base64Url from "../../domain/Base64Url.ts"
import * as WebUrl from "../../domain/WebUrl.ts"
import type { WebRequest, WebResponse } from "../EmulatorOptions.ts"
import { Credentials } from "./credentials.ts"
import { Settings } from "./settings.ts"

/** Another server did not give what it was asked for. */
export class WebFailure extends Data.TaggedError("WebFailure")<{ readonly text: string }> {}

const failed = (text: string): WebFailure => new WebFailure({ text })

/** For a whole callback, for the head of a fetch, and for each piece of its body (protocol 4.4). */
const patience = "60 seconds"

const timedOut = () => failed("The Server Does Not Answer")

const broken = () => failed("The Answer Broke Off")

const encoder = new TextEncoder()

const bytesOf = ({ body }: WebResponse): Stream.Stream<Uint8Array, WebFailure> =>
  typeof body === "string"
    ? Stream.make(encoder.encode(body))
    : Stream.mapErrorCause(body, () => Cause.fail(broken()))

const maxText = 1024 * 1024

const textOf = (response: WebResponse): Effect.Effect<string, WebFailure> =>
  Effect.suspend(() => {
    const decoder = new TextDecoder()
    let length = 0
    return bytesOf(response).pipe(
      Stream.runFoldEffect("", (text, bytes) => {
        length += bytes.length
        return length > maxText
          ? failed("The Answer Is Too Long")
          : Effect.succeed(text + decoder.decode(bytes, { stream: true }))
      }),
      Effect.map((text) => text + decoder.decode())
    )
  })

const unreachable = () => failed("The Server Cannot Be Reached")

const send = (request: WebRequest): Effect.Effect<WebResponse, WebFailure, Settings | Scope.Scope> =>
  Effect.flatMap(Settings, ({ web }) =>
    web === undefined
      ? failed("No Server Can Be Reached: the emulator has no option `web`")
      : Effect.suspend(() => flow(web, Effect.mapError(unreachable))(request)).pipe(
        Effect.tapDefect((cause) => Effect.logError("the option web failed", cause)),
        Effect.catchAllDefect(unreachable)
      ))

/** What the signature covers of the URL (protocol 2.5). */
const signedUrl = (url: string, covers: "url" | "path"): string =>
  covers === "url" ? url : new URL(url).pathname + new URL(url).search

/**
 * Tells the customer's server something: three attempts at once, five more after a wait each, a minute for each attempt,
 * until one is answered with 200 (protocol 4.4). Gives the answer's text.
 */
export const deliver = (url: string, text: string): Effect.Effect<string, WebFailure, Settings | Credentials> =>
  Effect.gen(function*() {
    if (Either.isLeft(WebUrl.check("url", url))) return yield* failed("Not An HTTP URL")
    const { callbackInterval, strictness, web } = yield* Settings
    const credentials = yield* Credentials
    const body = Base64Url.encode(text)
    const authorization = yield* credentials.sign(`${signedUrl(url, strictness.callbackSignature)}\n${body}`)
    const attempt = send({ method: "POST", url, headers: { "content-type": "text/plain", authorization }, body }).pipe(
      Effect.filterOrFail(({ status }) => status === 200, ({ status }) => failed(`The Server Answers ${status}`)),
      Effect.flatMap(textOf),
      Effect.scoped,
      Effect.timeoutFail({ duration: patience, onTimeout: timedOut })
    )
    const again = Schedule.andThen(
      Schedule.recurs(2),
      Schedule.intersect(Schedule.spaced(callbackInterval), Schedule.recurs(5))
    )
    return yield* web === undefined ? attempt : Effect.retry(attempt, again)
  })

/** Content that another server gives. */
export interface Source {
  /** Where it came from after all redirects. */
  readonly url: URL
  readonly contentType: string | undefined
  readonly stream: Stream.Stream<Uint8Array, WebFailure>
}

/** Whether an allowed `host` or `host:port` is that of a URL. */
const isHostOf = ({ hostname, port, protocol }: URL) => (host: string): boolean =>
  [hostname, `${hostname}:${port || (protocol === "https:" ? 443 : 80)}`].includes(host.toLowerCase())

const redirects: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])
const mostRedirects = 5

/**
 * Asks a URL for content. Every host on the way to it has to be allowed, or the emulator could be used to look around in
 * the network it stands in (protocol 19.22).
 */
export const open = (
  url: URL,
  hops = mostRedirects
): Effect.Effect<Source, WebFailure, Settings | Scope.Scope> =>
  Effect.gen(function*() {
    const { fetchHosts } = yield* Settings
    if (!/^https?:$/.test(url.protocol)) return yield* failed("Not An HTTP URL")
    if (!fetchHosts.some(isHostOf(url))) {
      return yield* failed(`The Host ${url.host} Is Not In fetchHosts`)
    }
    const request: WebRequest = { method: "GET", url: url.href, headers: { "accept-encoding": "identity" } }
    const response = yield* Effect.timeoutFail(send(request), { duration: patience, onTimeout: timedOut })
    const { headers = {}, status } = response
    const { location } = headers
    if (redirects.has(status) && location !== undefined) {
      return hops === 0 || !URL.canParse(location, url.href)
        ? yield* failed("The Server Redirects To Nowhere")
        : yield* open(new URL(location, url), hops - 1)
    }
    if (status !== 200) return yield* failed(`The Server Answers ${status}`)
    if (!/^(identity)?$/i.test(headers["content-encoding"] ?? "")) return yield* failed("The Answer Is Encoded")
    return {
      url,
      contentType: headers["content-type"],
      stream: Stream.timeoutFail(bytesOf(response), timedOut, patience)
    }
  })
