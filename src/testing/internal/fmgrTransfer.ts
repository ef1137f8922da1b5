import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Schema from "effect/Schema"
import * as Entry from "../../domain/Entry.ts"
import { Catalog } from "./catalog.ts"
import * as fmgrAction from "./fmgrAction.ts"
import * as grammar from "./grammar.ts"
import { type Refusal, refuse } from "./refusal.ts"
import * as objects from "./taskObjects.ts"

/** Where an object goes, as a command says it. */
export const destination = {
  bucket: grammar.Bucket,
  key: grammar.optional(grammar.Key),
  prefix: grammar.optional(grammar.Name)
}

/** Where an object goes: `prefix/key`; without a key it keeps its own (protocol 7.2, 7.3). */
export const target = (
  { bucket, key, prefix }: Schema.Struct.Type<typeof destination>,
  own: string
): Either.Either<Entry.Entry, Refusal> =>
  Either.mapLeft(
    Entry.toStore({ bucket, key: `${prefix === undefined ? "" : objects.folder(prefix)}${key ?? own}` }),
    ({ detail }) => grammar.invalid(`key ${detail}`)
  )

const Transfer = Schema.Struct({ resource: grammar.Location, ...destination })

const transfer = (name: "copy" | "move") =>
  fmgrAction.make(`fmgr/${name}`, Transfer, (fields, errand) =>
    Either.gen(function*() {
      const { resource } = fields
      const to = yield* target(fields, resource.key)
      if (to.text === resource.text) {
        return yield* Either.left(grammar.invalid("key is that of the resource: the same bucket needs another one"))
      }
      const run = Effect.gen(function*() {
        const catalog = yield* Catalog
        const carry = name === "copy" ? catalog.copyObject : catalog.moveObject
        if (!(yield* carry(resource, to, { overwrite: errand.force }))) return yield* refuse(404, "File Not Found")
        return objects.outcome(errand, yield* objects.find(to))
      })
      return { buckets: [resource.bucket, to.bucket], run }
    }))

/** Copies an object (protocol 7.3). */
export const copy = transfer("copy")

/** Moves an object (protocol 7.4). */
export const move = transfer("move")
