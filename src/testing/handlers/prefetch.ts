import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Base64Url from "../../domain/Base64Url.ts"
import * as Entry from "../../domain/Entry.ts"
import * as EmulatorResponse from "../EmulatorResponse.ts"
import { Credentials } from "../internal/credentials.ts"
import { fetchTo } from "../internal/fmgrFetch.ts"
import * as grammar from "../internal/grammar.ts"
import { authorizeManagement, type Operation } from "../internal/operation.ts"
import { type Refusal, refuse } from "../internal/refusal.ts"
import { Settings } from "../internal/settings.ts"
import * as objects from "../internal/taskObjects.ts"

/** `bucket:key|key`, in Base64, and each key in Base64 again: bare ones are refused (protocol 17.1). */
const readTargets = (encoded: string): Either.Either<ReadonlyArray<Entry.Entry>, Refusal> =>
  Either.gen(function*() {
    const text = yield* Base64Url.decodeText(encoded)
    const colon = text.indexOf(":")
    const keys = yield* Either.all(text.slice(colon + 1).split("|").map(Base64Url.decodeText))
    return yield* Either.all(keys.map((key) => Entry.toStore({ bucket: text.slice(0, Math.max(colon, 0)), key })))
  }).pipe(
    Either.mapLeft((error) =>
      grammar.invalid(
        error._tag === "WcsInvalidInput"
          ? error.message
          : "the path ends with `bucket:key|key`, all of it in Base64, and each key again"
      )
    )
  )

/**
 * Fetches objects anew from the mirror source of their bucket, before it answers (protocol 6.9). An item's `code` is 200,
 * or 404 when the mirror does not give the object (assumed).
 *
 * @since 0.1.0
 * @category operations
 */
export const prefetch: Operation = {
  name: "prefetch",
  methods: ["POST"],
  path: /^\/prefetch\/(?<targets>[^/]+)$/,
  handle: (exchange) =>
    Effect.gen(function*() {
      const credentials = yield* Credentials
      const settings = yield* Settings
      yield* authorizeManagement(exchange)
      const targets = yield* readTargets(exchange.params["targets"] ?? "")
      const bucket = targets[0]?.bucket ?? ""
      yield* credentials.bucket(bucket)
      const mirror = settings.mirrors[bucket]
      if (mirror === undefined) return yield* refuse(404, "Bucket Not Binding Mirror")
      const errand = yield* objects.errand(exchange.request, true)
      const items = yield* Effect.forEach(targets, (target) => {
        const path = target.key.split("/").map(encodeURIComponent).join("/")
        const url = new URL(`${mirror.replace(/\/$/, "")}/${path}`)
        return Effect.scoped(fetchTo(errand, url, target, undefined)).pipe(
          Effect.as({ code: 200, message: "OK" }),
          Effect.catchTags({
            Refusal: ({ text }) => Effect.succeed({ code: 404, message: text }),
            WebFailure: ({ text }) => Effect.succeed({ code: 404, message: text })
          }),
          Effect.map((result) => ({ key: target.key, mirrorAddress: url.href, ...result })),
          // The mirror is the one host that may be asked.
          Effect.provideService(Settings, { ...settings, fetchHosts: [url.host] })
        )
      })
      return EmulatorResponse.json({ bucket, items })
    })
}
