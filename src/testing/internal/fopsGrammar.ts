import * as Either from "effect/Either"
import * as Schema from "effect/Schema"
import type { Entry } from "../../domain/Entry.ts"
import * as grammar from "./grammar.ts"
import type { Refusal } from "./refusal.ts"

/** What is made of an object: by media commands one after another, or by unpacking it (protocol 8.1). */
export interface Pipeline {
  /** As it was sent. */
  readonly cmd: string
  readonly work:
    | { readonly _tag: "Media"; readonly commands: ReadonlyArray<string> }
    | { readonly _tag: "Unpack"; readonly folder: string | undefined }
  /** Where the result is stored. */
  readonly saveas: Entry | undefined
}

const readTarget = grammar.command(Schema.Struct({ saveas: grammar.Target }))

const readUnpacking = grammar.command(Schema.Struct({
  decompression: grammar.Zip,
  dir: grammar.optional(grammar.Name)
}))

const pipeline = (cmd: string): Either.Either<Pipeline, Refusal> =>
  Either.gen(function*() {
    const parts = cmd.split("|")
    const last = parts.at(-1) ?? ""
    const saveas = last.startsWith("saveas/") ? (yield* readTarget(last)).saveas : undefined
    const commands = saveas === undefined ? parts : parts.slice(0, -1)
    const [first] = commands
    if (first === undefined) return yield* Either.left(grammar.invalid("fops has nothing to save before saveas"))
    if (commands.some((command) => !/^[a-z]\w*(\/\S+)?$/i.test(command) || command.startsWith("saveas/"))) {
      return yield* Either.left(
        grammar.invalid("fops is command;command;..., each with |saveas/ at its end where it has one")
      )
    }
    if (!commands.some((command) => command.startsWith("decompression"))) {
      return { cmd, work: { _tag: "Media", commands }, saveas }
    }
    if (commands.length > 1) return yield* Either.left(grammar.invalid("decompression is in no pipe with others"))
    return { cmd, work: { _tag: "Unpack", folder: (yield* readUnpacking(first)).dir }, saveas }
  })

/** Reads `command|saveas/<entry>;command;…`. */
export const read = (fops: string): Either.Either<ReadonlyArray<Pipeline>, Refusal> =>
  Either.all(fops.split(";").map(pipeline))
