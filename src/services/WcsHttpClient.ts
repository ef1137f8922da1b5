/**
 * The one way to the service: a request value in, a decoded answer or a typed error out.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type * as Either from "effect/Either"
import type * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import type * as Stream from "effect/Stream"
import type { WcsError, WcsIntegrityError } from "../domain/WcsError.ts"
import type { WcsRequest } from "../domain/wire/WcsRequest.ts"

/**
 * What a caller adds to the sending of a request.
 *
 * @since 0.1.0
 * @category models
 */
export interface ExecuteOptions<A> {
  /** Judges an answer; an answer that fails counts as a failed attempt. */
  readonly verify?: ((answer: A) => Either.Either<void, WcsIntegrityError>) | undefined
  /**
   * Asked before a request that may have been carried out is repeated: `Some` is taken for the answer, and nothing is
   * sent again; a failure ends it.
   */
  readonly settle?: Effect.Effect<Option.Option<A>, WcsError> | undefined
  /**
   * Which attempts may be repeated. `refused`: only one that was surely not carried out, such as a throttled one.
   * Default: `always`.
   */
  readonly repeat?: "always" | "refused" | "never" | undefined
  /** Called when an attempt is about to be repeated. */
  readonly onRetry?: ((error: WcsError) => Effect.Effect<void>) | undefined
}

/**
 * How an answer's body is wanted.
 *
 * @since 0.1.0
 * @category models
 */
export interface OpenOptions {
  /**
   * Whether a piece of the body may be overwritten once the next one is pulled: whoever keeps none is served with less
   * memory. Default: no.
   */
  readonly lend?: boolean | undefined
}

/**
 * An answer whose body is still on its way.
 *
 * @since 0.1.0
 * @category models
 */
export interface OpenAnswer {
  readonly status: number
  /** By lower-case name. */
  readonly headers: { readonly [name: string]: string | undefined }
  readonly stream: Stream.Stream<Uint8Array, WcsError>
}

/**
 * Sends requests: each attempt is signed afresh, bounded in time, and repeated by its operation's schedule. Layer:
 * `WcsHttpClientPlatform`, over any `HttpClient` of `@effect/platform`.
 *
 * @since 0.1.0
 * @category services
 */
export class WcsHttpClient extends Context.Tag("effect-wcs/WcsHttpClient")<WcsHttpClient, {
  /** Sends a request, reads the whole answer, and decodes it; a refusal is an error. */
  readonly execute: <A>(request: WcsRequest<A>, options?: ExecuteOptions<A>) => Effect.Effect<A, WcsError>
  /**
   * Sends a request once and leaves the answer's body to be pulled, once, as long as the scope lasts. A refusal is an
   * error as everywhere.
   */
  readonly open: (
    request: WcsRequest<unknown>,
    options?: OpenOptions
  ) => Effect.Effect<OpenAnswer, WcsError, Scope.Scope>
}>() {}
