import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Schema from "effect/Schema"
import { EmulatorStorage, type StoredObject } from "../EmulatorStorage.ts"
import * as fmgrAction from "./fmgrAction.ts"
import * as grammar from "./grammar.ts"
import { refuse } from "./refusal.ts"
import * as objects from "./taskObjects.ts"
import { pack } from "./taskZip.ts"

const Compress = Schema.Struct({
  bucket: grammar.Bucket,
  keys: grammar.optional(grammar.Keys),
  keyList: grammar.optional(grammar.Key),
  keylist: grammar.optional(grammar.Key),
  saveas: grammar.Target
})

/** An object, or those of a folder, whose key ends with a slash. */
const select = (bucket: string, key: string) =>
  key.endsWith("/")
    ? Effect.filterOrFail(
      objects.below(bucket, key),
      (found) => found.length > 0,
      () => refuse(404, "File Not Found")
    )
    : Effect.map(objects.find({ bucket, key }), (object) => [object])

/** Packs objects into a ZIP; each has its key for a name (protocol 7.8). */
export const compress = fmgrAction.make("fmgr/compress", Compress, (fields, errand) => {
  const { bucket, keys, saveas } = fields
  const list = fields.keyList ?? fields.keylist
  if (keys === undefined && list === undefined) return Either.left(grammar.invalid("keys or keyList is needed"))
  const run = Effect.gen(function*() {
    const storage = yield* EmulatorStorage
    yield* objects.checkFree(errand, saveas)
    const listed = keys ??
      (list === undefined ? [] : yield* objects.readList(yield* objects.find({ bucket, key: list })))
    const chosen = new Map<string, StoredObject>()
    for (const key of new Set(listed)) for (const object of yield* select(bucket, key)) chosen.set(object.key, object)
    if (chosen.size === 0) return yield* refuse(400, "Nothing To Pack")
    const members = Array.from(chosen.values(), ({ content, key, putTime }) => ({
      name: key,
      size: content.size,
      modified: putTime,
      bytes: storage.read(content)
    }))
    const staged = yield* objects.stage(errand, pack(members))
    return objects.outcome(errand, yield* objects.put(errand, saveas, { ...staged, mimeType: "application/zip" }))
  })
  return Either.right({ buckets: [bucket, saveas.bucket], run })
})
