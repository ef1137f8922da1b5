/**
 * Who asks: signatures of management requests, and upload tokens.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type * as Redacted from "effect/Redacted"
import type { UploadPermission, UploadToken } from "../domain/UploadToken.ts"
import type { WcsError } from "../domain/WcsError.ts"

/**
 * What an upload token has to allow, and when.
 *
 * @since 0.1.0
 * @category models
 */
export interface TokenRequest extends UploadPermission {
  /** The time by the service's clock, in milliseconds since the epoch. */
  readonly now: number
  /** The token that was given before has been refused as expired. */
  readonly renew: boolean
}

/**
 * Credentials in use. Layers: `WcsAuthKeys` (access and secret key), `WcsAuthTokens` (tokens that a server issues).
 *
 * @since 0.1.0
 * @category services
 */
export class WcsAuth extends Context.Tag("effect-wcs/WcsAuth")<WcsAuth, {
  /** The Authorization header of a management request, from the text that it signs (protocol 2.3). */
  readonly management: (operation: string, text: string) => Effect.Effect<Redacted.Redacted, WcsError>
  /** A token for the next request of an upload (protocol 2.2). */
  readonly uploadToken: (request: TokenRequest) => Effect.Effect<UploadToken, WcsError>
}>() {}
