/**
 * The emulator, for who wants to try something without an account.
 */
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Entry from "../../domain/Entry.ts"
import { EmulatorAddress } from "../../testing/EmulatorAddress.ts"
import * as Failure from "../Failure.ts"
import * as Flags from "../Flags.ts"
import * as Format from "../Format.ts"
import { Output } from "../Output.ts"
import * as WcsCommand from "../WcsCommand.ts"

/** `host` or `host:port`, as a URL has it. */
const isHost = (text: string): boolean => /^[^/?#@\\\s]+$/.test(text) && URL.canParse(`http://${text}`)

const refuse = (message: string) => new Failure.UsageError({ message })

const portOf = (text: string) =>
  /^\d{1,5}$/.test(text) && Number(text) <= 65_535
    ? Either.right(Number(text))
    : Either.left(refuse(`--port is a number up to 65535, not ${text}`))

const keyOf = (name: string, text: Option.Option<string>) =>
  Option.exists(text, (text) => /^$|[:\s]/.test(text))
    ? Either.left(refuse(`--${name} is not empty and holds no colon or blank`))
    : Either.right(Option.getOrUndefined(text))

const cannot = (cause: unknown) =>
  new Failure.Failed({
    message: `the emulator cannot start: ${cause instanceof Error ? cause.message : String(cause)}`
  })

/** Why it cannot listen. */
const cannotServe = (port: number) => (cause: unknown) =>
  Predicate.hasProperty(cause, "code") && cause.code === "EADDRINUSE"
    ? new Failure.Failed({
      message: `the emulator cannot start: port ${port} is in use`,
      hint: "give another --port; --port 0, the default, takes a free one"
    })
    : cannot(cause)

/** What leads other commands to the emulator. */
const variables = ({ accessKey, downloadUrl, managementUrl, secretKey, uploadUrl }: EmulatorAddress["Type"]) =>
  [
    "For commands in another terminal, until Ctrl-C stops it:",
    `  export WCS_PUT_URL=${Format.quoted(uploadUrl)}`,
    `  export WCS_MGR_URL=${Format.quoted(managementUrl)}`,
    `  export WCS_DOWNLOAD_URL=${Format.quoted(downloadUrl)}`,
    `  export WCS_ACCESS_KEY=${Format.quoted(accessKey)}`,
    `  export WCS_SECRET_KEY=${Format.quoted(secretKey)}`
  ].join("\n")

export const emulator = WcsCommand.local("emulator", {
  description:
    "Run an emulator of the service on a port of this machine until it is stopped. The first line of output is JSON: where it is, and with which keys.",
  examples: ["emulator --port 8080 --bucket media", "emulator --dir ./objects", "emulator --fetch-host example.com"],
  flags: {
    port: Flags.value("port", "N", "The port of 127.0.0.1; 0 is any free one. Default: 0."),
    dir: Flags.value("dir", "D", "Keeps objects and blocks in this folder. Default: in memory."),
    bucket: Flags.values("bucket", "B", "A bucket. Default: demo."),
    fetchHost: Flags.values("fetch-host", "H", "A host, or host:port, that it may fetch from. Default: none."),
    accessKey: Flags.value("access-key", "K", "Default: test-access-key."),
    secretKey: Flags.value("secret-key", "K", "Default: test-secret-key. It is printed, so never a real one.")
  }
}, ({ accessKey, bucket, dir, fetchHost, port, secretKey }) =>
  Effect.gen(function*() {
    const options = {
      port: yield* portOf(Option.getOrElse(port, () => "0")),
      accessKey: yield* keyOf("access-key", accessKey),
      secretKey: yield* keyOf("secret-key", secretKey),
      directory: Option.getOrUndefined(dir),
      buckets: yield* Either.mapLeft(
        Either.all((bucket.length === 0 ? ["demo"] : bucket).map(Entry.bucketName)),
        ({ detail }) => refuse(`--bucket: ${detail}`)
      ),
      fetchHosts: fetchHost,
      // An object keeps the bytes that it is made of, and not those of the uploads before it.
      strictness: { usedBlocks: "remove" as const }
    }
    if (options.directory === "") return yield* refuse("--dir is empty")
    for (const host of fetchHost) {
      if (!isHost(host)) return yield* refuse(`--fetch-host is host or host:port, not ${host}`)
    }
    // Loaded where it runs: every other command starts faster without it.
    const EmulatorNode = yield* Effect.promise(() => import("../../testing/node.ts"))
    const output = yield* Output
    const announce = Effect.flatMap(EmulatorAddress, (address) =>
      Effect.zipRight(
        output.result(address, JSON.stringify(address)),
        output.isTerminal ? output.note(variables(address)) : Effect.void
      ))
    const interruption = yield* WcsCommand.Interruption
    yield* Layer.launch(Layer.provide(Layer.effectDiscard(announce), EmulatorNode.layer(options))).pipe(
      Effect.catchTags({
        ServeError: (error) => cannotServe(options.port)(error.cause),
        EmulatorStorageError: cannot
      }),
      // To be stopped is how it ends.
      Effect.onInterrupt(() =>
        Effect.sync(() => {
          interruption.code = Failure.exitCodes.done
        })
      )
    )
  }))
