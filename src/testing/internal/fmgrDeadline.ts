import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Schema from "effect/Schema"
import { Catalog } from "./catalog.ts"
import * as fmgrAction from "./fmgrAction.ts"
import * as grammar from "./grammar.ts"
import * as objects from "./taskObjects.ts"
import * as uploads from "./upload.ts"

const SetDeadline = Schema.Struct({
  bucket: grammar.Bucket,
  prefix: grammar.optional(grammar.Name),
  deadline: grammar.optional(grammar.Days),
  deleteAfterDays: grammar.optional(grammar.Days)
})

/** Sets when objects go: those below a folder (as in deletePrefix, inferred), or the whole bucket's (protocol 7.8). */
export const setDeadline = fmgrAction.make("fmgr/setdeadline", SetDeadline, (fields) => {
  const { bucket, deadline, deleteAfterDays, prefix = "" } = fields
  if ((deadline === undefined) === (deleteAfterDays === undefined)) {
    return Either.left(grammar.invalid("deadline is needed, or deleteAfterDays in its place"))
  }
  const run = Effect.gen(function*() {
    const catalog = yield* Catalog
    const expiresAt = yield* uploads.expiry(deadline ?? deleteAfterDays, yield* Clock.currentTimeMillis)
    const found = yield* objects.below(bucket, prefix)
    yield* Effect.forEach(found, (object) => catalog.setExpiry(object, expiresAt), { discard: true })
    return {}
  })
  return Either.right({ buckets: [bucket], run })
})
