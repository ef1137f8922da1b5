import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as WebUrl from "../../domain/WebUrl.ts"
import type { Grant } from "./credentials.ts"
import * as fops from "./fops.ts"
import * as grammar from "./grammar.ts"
import type { Exchange } from "./operation.ts"
import * as objects from "./taskObjects.ts"
import type { Lookup } from "./upload.ts"

/**
 * Stores an upload and starts the `persistentOps` of its policy, which are read before anything is stored; adds
 * `$(persistentId)` to what templates may ask for (protocol 3, 4.1). With `overwrite` results are replaced, too
 * (inferred).
 */
export const begin = <E, R>(
  { request }: Exchange,
  { bucket, policy }: Grant,
  commit: Effect.Effect<Lookup, E, R>
) =>
  Effect.gen(function*() {
    const { overwrite, persistentNotifyUrl, persistentOps, separate } = policy
    if (!persistentOps) return yield* commit
    const pipelines = yield* fops.read(persistentOps)
    const notifyUrl = persistentNotifyUrl
      ? yield* Either.mapLeft(
        WebUrl.check("persistentNotifyUrl", persistentNotifyUrl),
        ({ detail }) => grammar.invalid(`persistentNotifyUrl ${detail}`)
      )
      : undefined
    const lookup = yield* commit
    const input = { bucket, key: lookup("key") ?? "", fsize: Number(lookup("fsize")) }
    const errand = yield* objects.errand(request, overwrite === 1)
    const id = yield* fops.start(errand, input, pipelines, {
      notifyUrl,
      separate: separate === 1
    })
    const known: Lookup = (name) => name === "persistentId" ? id : lookup(name)
    return known
  })
