/**
 * Runs the emulator on a port of 127.0.0.1 until it is told to stop.
 *
 *     tsx scripts/emulator.ts [--port N] [--dir D] [--bucket B]... [--fetch-host H]... [--access-key K] [--secret-key K]
 *
 * Its first line of output is JSON: where it is, and with which keys.
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Cause from "effect/Cause"
import * as Console from "effect/Console"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import { parseArgs } from "node:util"
import * as Entry from "../src/domain/Entry.ts"
import { EmulatorAddress } from "../src/testing/EmulatorAddress.ts"
import * as EmulatorNode from "../src/testing/node.ts"

const usage =
  `usage: emulator [--port N] [--dir D] [--bucket B]... [--fetch-host H]... [--access-key K] [--secret-key K]

  --port N         port of 127.0.0.1; 0, the default, is any free one
  --dir D          keeps objects and blocks in this directory; default: in memory
  --bucket B       a bucket; give it again for more; default: demo
  --fetch-host H   a host, or host:port, that fmgr may fetch from; give it again for more; default: none
  --access-key K   default: test-access-key
  --secret-key K   default: test-secret-key; it is printed, so never a real one`

/** Arguments that cannot be used. */
class UsageError extends Data.TaggedError("UsageError")<{ readonly message: string }> {}

const parse = Effect.try({
  try: () =>
    parseArgs({
      options: {
        port: { type: "string" },
        dir: { type: "string" },
        bucket: { type: "string", multiple: true },
        "fetch-host": { type: "string", multiple: true },
        "access-key": { type: "string" },
        "secret-key": { type: "string" },
        help: { type: "boolean", short: "h" }
      }
    }).values,
  catch: (cause) => new UsageError({ message: cause instanceof Error ? cause.message : String(cause) })
})

/** `host` or `host:port`, as a URL has it. */
const isHost = (text: string): boolean => /^[^/?#@\\\s]+$/.test(text) && URL.canParse(`http://${text}`)

const readOptions = Effect.gen(function*() {
  const values = yield* parse
  if (values.help) return Option.none()
  const port = Number(values.port ?? 0)
  if (!/^\d+$/.test(values.port ?? "0") || port > 65_535) {
    return yield* new UsageError({ message: `--port is a number up to 65535, not ${values.port}` })
  }
  for (const name of ["access-key", "secret-key"] as const) {
    if (/^$|[:\s]/.test(values[name] ?? "ok")) {
      return yield* new UsageError({ message: `--${name} is not empty and holds no colon or blank` })
    }
  }
  if (values.dir === "") return yield* new UsageError({ message: "--dir is empty" })
  const buckets = yield* Either.mapLeft(
    Either.all((values.bucket ?? ["demo"]).map(Entry.bucketName)),
    ({ detail }) => new UsageError({ message: `--bucket: ${detail}` })
  )
  const fetchHosts = values["fetch-host"] ?? []
  for (const host of fetchHosts) {
    if (!isHost(host)) return yield* new UsageError({ message: `--fetch-host is host or host:port, not ${host}` })
  }
  return Option.some({
    port,
    buckets,
    fetchHosts,
    directory: values.dir,
    accessKey: values["access-key"],
    secretKey: values["secret-key"]
  })
})

const announce = Effect.flatMap(EmulatorAddress, (address) => Console.log(JSON.stringify(address)))

const program = Effect.gen(function*() {
  const options = yield* readOptions
  if (Option.isNone(options)) return yield* Console.log(usage)
  return yield* Layer.launch(Layer.provide(Layer.effectDiscard(announce), EmulatorNode.layer(options.value)))
}).pipe(
  Effect.tapErrorTag("UsageError", ({ message }) => Console.error(`${message}\n\n${usage}`)),
  Effect.tapErrorTag(
    "ServeError",
    ({ cause }) => Console.error(cause instanceof Error ? cause.message : String(cause))
  ),
  Effect.tapErrorTag("EmulatorStorageError", ({ message }) => Console.error(message))
)

NodeRuntime.runMain(program, {
  disableErrorReporting: true,
  teardown: (exit, onExit) => {
    const failure = Exit.isFailure(exit) ? Cause.failureOption(exit.cause) : Option.none()
    onExit(
      Option.isSome(failure)
        ? failure.value instanceof UsageError ? 2 : 1
        : Exit.isSuccess(exit) || Exit.isInterrupted(exit)
        ? 0
        : 1
    )
  }
})
