/**
 * `WcsAuth` by upload tokens that a server issues, for a client that holds no secret key.
 *
 * @since 0.1.0
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as UploadToken from "../domain/UploadToken.ts"
import { type WcsError, WcsInvalidInput, WcsMissingCredentials } from "../domain/WcsError.ts"
import { type TokenRequest, WcsAuth } from "../services/WcsAuth.ts"

/**
 * A token is asked for anew when less than this is left of its life.
 *
 * @since 0.1.0
 * @category constants
 */
export const margin: Duration.Duration = Duration.minutes(5)

/** A token of this age has not been refused yet: the refusal was about the one before. */
const justIssued = Duration.seconds(5)

/**
 * Uses the tokens that `issue` gives. A token is kept until it is near its end, and uploads that wait for the same one
 * ask once. A token that does not cover the upload is refused before anything is sent. The policy is the issuer's: the
 * one of the call is ignored. Management operations fail with `WcsMissingCredentials`.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (options: {
  /** Asks the server for a token that covers a scope, `bucket` or `bucket:key`. */
  readonly issue: (request: { readonly scope: string }) => Effect.Effect<Redacted.Redacted | string, WcsError>
}): Effect.Effect<WcsAuth["Type"]> =>
  Effect.gen(function*() {
    const tokens = new Map<string, { readonly token: UploadToken.UploadToken; readonly issuedAt: number }>()
    const asking = yield* Effect.makeSemaphore(1)

    const issue = (scope: string, now: number) =>
      options.issue({ scope }).pipe(
        Effect.map((token) => Redacted.isRedacted(token) ? Redacted.value(token) : token),
        Effect.flatMap(UploadToken.parse),
        Effect.filterOrFail(
          (token) => covers(token.scope, scope),
          (token) =>
            new WcsInvalidInput({ input: "token", detail: `covers ${token.scope}, the upload goes to ${scope}` })
        ),
        Effect.tap((token) =>
          Effect.sync(() => {
            for (const [old, known] of tokens) if (known.token.deadline <= now) tokens.delete(old)
            tokens.set(scope, { token, issuedAt: now })
          })
        )
      )

    const uploadToken = ({ now, renew, scope }: TokenRequest) =>
      asking.withPermits(1)(Effect.suspend(() => {
        const known = tokens.get(scope)
        // Several uploads may have had the same token refused: the first of them has brought a new one.
        const isNew = known !== undefined && now - known.issuedAt < Duration.toMillis(justIssued)
        return known && (isNew || (!renew && known.token.deadline - now > Duration.toMillis(margin)))
          ? Effect.succeed(known.token)
          : issue(scope, now)
      }))

    return WcsAuth.of({
      management: (operation) =>
        new WcsMissingCredentials({ operation, detail: "this client holds upload tokens only" }),
      uploadToken
    })
  })

const covers = (token: string, upload: string): boolean =>
  token === upload || (!token.includes(":") && upload.startsWith(`${token}:`))

/**
 * `WcsAuth` by the tokens that `issue` gives.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (options: Parameters<typeof make>[0]): Layer.Layer<WcsAuth> => Layer.effect(WcsAuth, make(options))
