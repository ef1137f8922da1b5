import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import type * as Scope from "effect/Scope"
import type { ObjectLocation } from "../../domain/Entry.ts"
import * as Entry from "../../domain/Entry.ts"
import type { Digest } from "../../services/Digest.ts"
import type { Content, EmulatorStorage, EmulatorStorageError } from "../EmulatorStorage.ts"
import type { Catalog } from "./catalog.ts"
import * as mimeTypes from "./mimeTypes.ts"
import { type Refusal, refuse } from "./refusal.ts"
import { Settings } from "./settings.ts"
import * as objects from "./taskObjects.ts"
import * as unzip from "./taskUnzip.ts"

/** Where a file of an archive goes. Its name has to be a key by itself: `../x` and `/x` would lead out of the folder. */
const target = (bucket: string, folder: string, name: string): Either.Either<Entry.Entry, Refusal> =>
  Entry.toStore({ bucket, key: name }).pipe(
    Either.flatMap(({ key }) => Entry.toStore({ bucket, key: `${folder}${key}` })),
    Either.mapLeft(({ detail }) => refuse(400, "The Archive Has A File That Cannot Be Stored", detail))
  )

/** The folder that an object is in, as the keys in it begin. */
export const folderOf = ({ key }: ObjectLocation): string => key.slice(0, key.lastIndexOf("/") + 1)

/**
 * Unpacks a ZIP into a folder, all of it or nothing, and gives the keys (protocol 7.2, 8.1). Its files are looked at
 * before anything is unpacked, and bounded in all like the body of a request.
 */
export const unpack = (
  errand: objects.Errand,
  archive: Content,
  { bucket, folder }: { readonly bucket: string; readonly folder: string }
): Effect.Effect<
  ReadonlyArray<string>,
  Refusal | EmulatorStorageError,
  Settings | Catalog | EmulatorStorage | Digest | Scope.Scope
> =>
  Effect.gen(function*() {
    const { maxBodySize } = yield* Settings
    const members = (yield* unzip.list(archive)).filter(({ name }) => !/[/\\]$/.test(name))
    if (members.reduce((sum, { size }) => sum + size, 0) > maxBodySize) {
      return yield* refuse(413, "The Archive Is Too Large")
    }
    const files = yield* Effect.forEach(members, (member) =>
      Either.map(target(bucket, folder, member.name.replaceAll("\\", "/")), (to) => ({ member, to })))
    if (
      new Set(files.map(({ to }) =>
        to.key
      )).size < files.length
    ) {
      return yield* refuse(400, "The Archive Has Two Files Of The Same Name")
    }
    yield* Effect.forEach(files, ({ to }) => objects.checkFree(errand, to), { discard: true })
    const staged = yield* Effect.forEach(files, ({ member, to }) =>
      Effect.map(objects.stage(errand, unzip.read(archive, member)), (staged) => ({ ...staged, to })))
    return yield* Effect.forEach(staged, ({ to, ...staged }) =>
      Effect.as(objects.put(errand, to, { ...staged, mimeType: mimeTypes.fromName(to.key) }), to.key))
  })
