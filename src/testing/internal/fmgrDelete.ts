import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { Catalog } from "./catalog.ts"
import * as fmgrAction from "./fmgrAction.ts"
import * as grammar from "./grammar.ts"
import * as playlist from "./playlist.ts"
import * as objects from "./taskObjects.ts"

const Delete = Schema.Struct({ bucket: grammar.Bucket, key: grammar.Key })

/** Deletes an object; one that is not there is as good as deleted (protocol 7.5). */
export const remove = fmgrAction.make("fmgr/delete", Delete, ({ bucket, key }) =>
  Either.right({
    buckets: [bucket],
    run: Effect.flatMap(Catalog, (catalog) => Effect.as(catalog.removeObject(bucket, key), { key }))
  }))

const DeletePrefix = Schema.Struct({
  bucket: grammar.Bucket,
  prefix: grammar.Name.pipe(Schema.filter((prefix) => !/^\/*$/.test(prefix) || "names no folder")),
  output: grammar.optional(grammar.Target)
})

/** Deletes what is below a folder; the list of it replaces whatever stood in its place (protocol 7.6). */
export const removePrefix = fmgrAction.make(
  "fmgr/deletePrefix",
  DeletePrefix,
  ({ bucket, output, prefix }, errand) => {
    const run = Effect.gen(function*() {
      const catalog = yield* Catalog
      const found = yield* objects.below(bucket, prefix)
      yield* Effect.forEach(found, ({ key }) => catalog.removeObject(bucket, key), { discard: true })
      if (output === undefined) return {}
      const keys = found.map(({ key }) => key)
      return objects.outcome(errand, yield* objects.putList({ ...errand, force: true }, output, keys))
    })
    return Either.right({ buckets: [bucket, ...(output ? [output.bucket] : [])], run })
  }
)

const DeleteM3u8 = Schema.Struct({ ...Delete.fields, deletets: grammar.optional(grammar.Flag) })

/** Deletes a playlist and, unless it says otherwise, those of its segments that have relative URLs (protocol 7.7). */
export const removeM3u8 = fmgrAction.make(
  "fmgr/deletem3u8",
  DeleteM3u8,
  ({ bucket, deletets = true, key }) => {
    const run = Effect.gen(function*() {
      const catalog = yield* Catalog
      const found = deletets ? yield* catalog.object(bucket, key) : Option.none()
      const segments = Option.isSome(found) ? yield* playlist.segments(found.value) : []
      yield* Effect.forEach([...segments, key], (key) => catalog.removeObject(bucket, key), { discard: true })
      return { key }
    })
    return Either.right({ buckets: [bucket], run })
  }
)
