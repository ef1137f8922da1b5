/**
 * The processes of `wcs_etag_cal` and `wcs_crc64_cal` (protocol 15).
 */
import * as NodeContext from "@effect/platform-node/NodeContext"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as ChecksumsDigest from "../layers/ChecksumsDigest.ts"
import * as DigestNode from "../layers/DigestNode.ts"
import { Checksums } from "../services/Checksums.ts"
import * as Failure from "./Failure.ts"
import * as Process from "./Process.ts"

const short: ReadonlyMap<string, string> = new Map([["\\", "\\\\"], ["\n", "\\n"], ["\r", "\\r"], ["\t", "\\t"]])

/** What Python does not print, by its code. */
const escape = (character: string): string => {
  const code = character.codePointAt(0) ?? 0
  const [letter, digits] = code < 0x100 ? ["x", 2] as const : code < 0x10000 ? ["u", 4] as const : ["U", 8] as const
  return short.get(character) ?? `\\${letter}${code.toString(16).padStart(digits, "0")}`
}

/** A text as Python prints it in a list. */
const pythonText = (text: string): string => {
  const quote = text.includes("'") && !text.includes("\"") ? "\"" : "'"
  const escaped = text.replaceAll(/\\|\p{C}|(?! )\p{Z}/gu, escape)
  return `${quote}${quote === "'" ? escaped.replaceAll("'", "\\'") : escaped}${quote}`
}

/** What the words behind a tool's name ask for: help, or the checksums of files. */
const read = (subcommand: string, [word, ...rest]: ReadonlyArray<string>) => {
  const end = rest.indexOf("--")
  const options = [word, ...end < 0 ? rest : rest.slice(0, end)].filter((text) => text?.startsWith("-"))
  const files = rest.filter((_, i) => i !== end)
  return options.some((option) => option === "-h" || option === "--help")
    ? "help"
    : word === subcommand && options.length === 0 && files.length > 0
    ? files
    : undefined
}

/**
 * Prints the list of the files as Python prints it, then their checksums with a blank between them, as the vendor's tools
 * do. When a file cannot be read that is told, and nothing else.
 */
const calculate = (program: string, subcommand: "etag" | "crc64") =>
  Effect.gen(function*() {
    const files = read(subcommand, process.argv.slice(2))
    const usage = `usage: ${program} ${subcommand} FILE...`
    if (files === "help") return yield* Effect.as(Console.log(usage), Failure.exitCodes.done)
    if (files === undefined) return yield* Effect.as(Console.error(usage), Failure.exitCodes.usage)
    const checksums = yield* Checksums
    const values = yield* Effect.forEach(files, subcommand === "etag" ? checksums.etagOfFile : checksums.crc64OfFile)
    yield* Console.log(`[${files.map(pythonText).join(", ")}]`)
    yield* Console.log(values.join(" "))
    return Failure.exitCodes.done
  })

/** Runs a tool as this process. */
export const main = (program: string, subcommand: "etag" | "crc64"): void =>
  Process.run(
    program,
    calculate(program, subcommand).pipe(
      Effect.catchAll((error) =>
        Effect.as(Console.error(Failure.text(error, undefined, program)), Failure.describe(error).code)
      ),
      Effect.provide(ChecksumsDigest.layer),
      Effect.provide(Layer.merge(DigestNode.layer, NodeContext.layer))
    )
  )
