import { Chunk, Effect, Stream } from "effect"
import * as Retention from "../../../../src/domain/Retention.ts"
import { Objects } from "../../../../src/services/Objects.ts"
import { type Args, type Methods, optional } from "./methods.ts"

const modes: { readonly [mode: string]: "files-first" | "folders-first" } = { 0: "files-first", 1: "folders-first" }

const time = (text: string | undefined) =>
  text === undefined ? undefined : new Date(text.includes(" ") ? `${text.replace(" ", "T")}Z` : text)

/** An empty text is no text to the vendor's SDK. */
const given = (text: string | undefined) => text || undefined

const listing = (args: Args) => ({
  bucket: args["bucket"],
  ...optional("prefix", given(args["prefix"])),
  ...optional("marker", given(args["marker"])),
  ...optional("limit", args["limit"]),
  ...optional("mode", modes[args["mode"]]),
  ...optional("startTime", time(args["starttime"])),
  ...optional("endTime", time(args["endtime"]))
})

const location = ({ bucket, key }: Args) => ({ bucket, key })

const source = ({ srcbucket, srckey }: Args) => ({ bucket: srcbucket, key: srckey })

const destination = ({ dstbucket, dstkey }: Args) => ({ bucket: dstbucket, ...optional("key", given(dstkey)) })

const retention = (days: number) =>
  days === -1 ? Retention.forever : days === 0 ? Retention.asSoonAsPossible : Retention.days(days)

export const objects: Methods = {
  stat: (args) => Effect.flatMap(Objects, (objects) => objects.stat(location(args))),
  delete: (args) => Effect.flatMap(Objects, (objects) => objects.delete(location(args))),
  move: (args) => Effect.flatMap(Objects, (objects) => objects.move(source(args), destination(args))),
  copy: (args) => Effect.flatMap(Objects, (objects) => objects.copy(source(args), destination(args))),
  setdeadline: (args) =>
    Effect.flatMap(Objects, (objects) => objects.setDeadline(location(args), retention(Number(args["deadline"])))),
  bucket_list: (args) => Effect.flatMap(Objects, (objects) => objects.list(listing(args))),
  bucket_listAll: (args) =>
    Effect.flatMap(Objects, (objects) => Stream.runCollect(objects.listAll(listing(args)))).pipe(
      Effect.map(Chunk.toReadonlyArray)
    )
}
