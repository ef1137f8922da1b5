/**
 * The processes of `wcs_etag_cal` and `wcs_crc64_cal` (protocol 15).
 */
import * as NodeContext from "@effect/platform-node/NodeContext"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as ChecksumsDigest from "../layers/ChecksumsDigest.ts"
import * as DigestNode from "../layers/DigestNode.ts"
import { Checksums } from "../services/Checksums.ts"
import * as Failure from "./Failure.ts"

/**
 * Prints the list of the files as Python prints it, then their checksums with a blank between them, as the vendor's tools
 * do. A file that cannot be read is an error, and then nothing is printed but that.
 */
const calculate = (program: string, subcommand: "etag" | "crc64") =>
  Effect.gen(function*() {
    const [word, ...files] = process.argv.slice(2)
    if (word === "-h" || word === "--help") return yield* Effect.as(Console.log(`${program} ${subcommand} FILE...`), 0)
    if (word !== subcommand || files.length === 0) {
      return yield* Effect.as(Console.error(`usage: ${program} ${subcommand} FILE...`), Failure.exitCodes.usage)
    }
    const checksums = yield* Checksums
    const ofFile = subcommand === "etag" ? checksums.etagOfFile : checksums.crc64OfFile
    const values = yield* Effect.forEach(files, ofFile)
    yield* Console.log(`[${files.map(pythonText).join(", ")}]`)
    yield* Console.log(values.join(" "))
    return Failure.exitCodes.done
  })

/** A text as Python prints it in a list. */
const pythonText = (text: string): string => {
  const quote = text.includes("'") && !text.includes("\"") ? "\"" : "'"
  const escaped = text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n").replaceAll("\t", "\\t").replaceAll("\r", "\\r")
  return `${quote}${quote === "'" ? escaped.replaceAll("'", "\\'") : escaped}${quote}`
}

/** Runs a tool as this process. */
export const main = (program: string, subcommand: "etag" | "crc64"): void =>
  calculate(program, subcommand).pipe(
    Effect.catchAll((error) => {
      const { code, hint, message } = Failure.describe(error, new Map())
      return Effect.as(Console.error(Failure.text({ program, message, hint })), code)
    }),
    Effect.provide(ChecksumsDigest.layer),
    Effect.provide(Layer.merge(DigestNode.layer, NodeContext.layer)),
    NodeRuntime.runMain({
      disableErrorReporting: true,
      disablePrettyLogger: true,
      teardown: (exit, onExit) => onExit(Failure.exitCodeOf(exit))
    })
  )
