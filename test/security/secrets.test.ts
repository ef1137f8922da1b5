/** No secret is told: not by any value, error, event, record, log line or span of a client that has done everything. */
import { FileSystem, HttpClient, HttpClientError, HttpClientResponse, Path } from "@effect/platform"
import { assert, describe, it } from "@effect/vitest"
import { Cause, Data, Effect, Exit, Layer, Logger, LogLevel, Metric, Option, Redacted, Schema, Stream } from "effect"
import {
  Callbacks,
  DigestWasm,
  Downloader,
  OperationLog,
  ProgressStore,
  ProgressStoreDirectory,
  Settings,
  Uploader,
  UploadTokens,
  Wcs,
  type WcsAuth,
  WcsAuthKeys,
  WcsAuthTokens,
  WcsCfg,
  WcsConfig,
  WcsConfigLayer,
  WcsError
} from "effect-wcs"
import { Emulator, EmulatorClient, Fault, MemoryFileSystem } from "effect-wcs/testing"
import { inspect } from "node:util"
import { calls } from "../management/calls.ts"
import { at } from "../management/support.ts"
import { inTime } from "../support/clock.ts"
import { bytes } from "../support/content.ts"
import * as tracing from "../support/tracing.ts"

const secretKey = "the-secret-key-that-nobody-may-see"
/** In the query of URLs that are themselves credentials. */
const presigned = "X-Signature=presigned-by-somebody-else"
/** Of the user's own server; it stands in an error of his, which an error of ours might have kept. */
const foreign = "the-password-of-the-token-server"

/** The base64url of 40 hexadecimal digits: a signature, alone or in a token (protocol 2.1). */
const signature = /[\w-]{54}==/

/** What a token server of the user's fails with. */
class TokenServerFailed extends Data.TaggedError("TokenServerFailed")<{ readonly message: string }> {}

/** All that was told, with where it was. */
const notes = () => {
  const told: Array<readonly [where: string, text: string]> = []
  const note = (where: string, value: unknown) => {
    const texts = [
      String(value),
      `${inspect(value, { depth: 20, showHidden: true, maxStringLength: null, maxArrayLength: null })}`,
      inspect(value),
      JSON.stringify(value) ?? "",
      ...(value instanceof Error ? [value.message, value.stack ?? "", JSON.stringify({ ...value })] : []),
      ...(Cause.isCause(value) ? [Cause.pretty(value, { renderErrorCause: true })] : [])
    ]
    for (const text of texts) told.push([where, text])
  }
  return { told, note }
}

/** A tracer that keeps all that it is given. */
const tracer = (note: (where: string, value: unknown) => void) =>
  tracing.tracer(({ attributes, name }) => {
    note("span", { name, attributes: [...attributes] })
    return {
      attribute: (key, value) => note(`attribute of ${name}`, [key, value]),
      event: (event, attributes) => note(`event of ${name}`, [event, attributes]),
      end: (exit) => {
        note(`end of ${name}`, [...attributes])
        if (Exit.isFailure(exit)) note(`failure of ${name}`, exit.cause)
      }
    }
  })

/** What answers the next requests: the service; one that repeats all that it is sent; or a connection that breaks. */
type Mode = "service" | "echo" | "broken"

const bodyOf = (body: unknown): string =>
  typeof body === "object" && body !== null && "body" in body && body.body instanceof Uint8Array
    ? Buffer.from(body.body.subarray(0, 4096)).toString()
    : ""

/** The emulator's client, or what stands in its place, and what it saw of credentials. */
const wire = (mode: { now: Mode; status: number }, seen: Set<string>) =>
  Layer.effect(
    HttpClient.HttpClient,
    Effect.map(EmulatorClient.make, (service) =>
      HttpClient.make((request, url) => {
        const authorization = request.headers["authorization"] ?? ""
        if (signature.test(authorization)) seen.add(authorization)
        const all = `${authorization} asked for ${url.href} with ${bodyOf(request.body)}`
        switch (mode.now) {
          case "service":
            return service.execute(request)
          case "broken":
            return Effect.fail(
              new HttpClientError.RequestError({ request, reason: "Transport", cause: new Error(`reset: ${all}`) })
            )
          case "echo": {
            const response = new Response(JSON.stringify({ code: authorization, message: all }), {
              status: 200,
              headers: { "x-reqid": authorization, "retry-after": "0", "content-type": "application/json" }
            })
            return Effect.succeed(
              HttpClientResponse.fromWeb(request, Object.defineProperty(response, "status", { value: mode.status }))
            )
          }
        }
      }))
  )

const statuses = [200, 303, 400, 401, 403, 404, 405, 406, 408, 409, 412, 413, 429, 500, 503, 579, 631, 701]

describe("a client that has done everything", () => {
  it.scoped("has told no secret, token or signed URL to anybody", () =>
    Effect.gen(function*() {
      const { note, told } = notes()
      const mode: { now: Mode; status: number } = { now: "service", status: 200 }
      const seen = new Set<string>()
      const logger = Logger.make((options) => {
        note("log", [options.message, [...options.annotations]])
        note("log's cause", options.cause)
        for (const format of [Logger.stringLogger, Logger.logfmtLogger, Logger.jsonLogger]) {
          note("log line", format.log(options))
        }
      })
      const settings = {
        credentials: { accessKey: "test-access-key", secretKey },
        uploadUrl: EmulatorClient.origin,
        managementUrl: EmulatorClient.origin,
        downloadUrl: `${EmulatorClient.origin}/download/{bucket}`,
        retries: { connect: 1, mkblk: 1, bput: 1, mkfile: 1 },
        chunkSize: 60_000,
        logFolder: "/logs",
        recordFolder: "/records"
      } as const
      const logs = Layer.mergeAll(
        Logger.replace(Logger.defaultLogger, logger),
        Logger.minimumLogLevel(LogLevel.Trace),
        Layer.setTracer(tracer(note))
      )
      const film = bytes(100_000)
      const client = Wcs.layer.pipe(
        Layer.provideMerge(Layer.merge(WcsAuthKeys.layer, ProgressStoreDirectory.layer())),
        Layer.merge(OperationLog.layerSettings),
        Layer.provideMerge(Layer.mergeAll(
          Layer.orDie(WcsConfigLayer.layer(settings)),
          wire(mode, seen),
          DigestWasm.layer,
          Path.layer
        )),
        Layer.provideMerge(Layer.merge(
          Emulator.layerMemory({ buckets: ["media"], secretKey }),
          MemoryFileSystem.layer({ files: { "/film.bin": film, "/folder/a.txt": "a" } })
        )),
        Layer.provideMerge(logs)
      )

      yield* Effect.gen(function*() {
        const emulator = yield* Emulator.Emulator
        const uploader = yield* Uploader.Uploader
        const downloader = yield* Downloader.Downloader
        const callbacks = yield* Callbacks.Callbacks
        const fs = yield* FileSystem.FileSystem

        /** Runs something, and writes down all that it gives or fails with. */
        const run = <A, E, R>(what: string, effect: Effect.Effect<A, E, R>) =>
          Effect.map(Effect.exit(inTime(effect, "1 minute")), (exit) => {
            // What a service that repeats everything answers with success is what was asked for.
            if (Exit.isFailure(exit) || mode.now !== "echo") note(what, exit)
            if (Exit.isFailure(exit)) {
              note(what, exit.cause)
              for (const error of [...Cause.failures(exit.cause), ...Cause.defects(exit.cause)]) note(what, error)
              return Option.getOrUndefined(Cause.failureOption(exit.cause))
            }
            return undefined
          })
        const onProgress = (event: unknown) => Effect.sync(() => note("event", event))
        /** Everything that can be asked for. */
        const everything = Effect.gen(function*() {
          const errors: Array<unknown> = []
          for (const [operation, call] of yield* calls) errors.push(yield* run(operation, call))
          for (const method of ["form", "block"] as const) {
            const options = { method, onProgress, policy: { callbackUrl: `http://app.test/?${presigned}` } }
            errors.push(
              yield* run("putBytes", uploader.putBytes(film, at(`bytes-${method}`), options)),
              yield* run("putFile", uploader.putFile("/film.bin", at(`file-${method}`), { method, onProgress }))
            )
          }
          const stream = Stream.make(film)
          errors.push(
            yield* run("putStream", uploader.putStream(stream, at("stream"), { onProgress })),
            yield* run("putUrl", uploader.putUrl(`http://src.test/a?${presigned}`, at("url"), { onProgress })),
            yield* run("putDirectory", uploader.putDirectory("/folder", { bucket: "media" })),
            yield* run("append", uploader.appendFile("/film.bin", at("log"))),
            yield* run("download", Stream.runDrain(downloader.stream(at("file-form")))),
            yield* run("toFile", downloader.toFile(at("file-form"), "/copy.bin")),
            yield* run(
              "callback",
              callbacks.upload(
                { url: "http://app.test/", authorization: [...seen][0], body: "a" },
                { template: "a", schema: Schema.Unknown } as never
              )
            )
          )
          return errors
        })

        // The values of a client.
        const context = yield* Effect.context<Wcs.Services | WcsConfig.WcsConfig | WcsAuth.WcsAuth>()
        for (const [tag, service] of context.unsafeMap) {
          // The emulator's keys are examples, and shown on purpose.
          if (!tag.includes("/testing/")) note(`service ${tag}`, service)
        }
        note("settings", yield* WcsConfig.WcsConfig)
        note("settings", WcsConfigLayer.make(settings))
        note("settings", Settings.fromOptions(settings))
        note("settings", WcsCfg.parse(`secret_key = ${secretKey}`))
        const wrong = { ...settings, credentials: { accessKey: "a", secretKey: `${secretKey}\n` } }
        note("settings", WcsConfigLayer.make(wrong))
        yield* run("settings", Layer.build(WcsConfigLayer.layer(wrong)))
        const token = yield* Effect.flatMap(UploadTokens.UploadTokens, (tokens) => tokens.issue(at("a")))
        seen.add(Redacted.value(token.text))
        note("token", token)

        const failed: Array<unknown> = [...(yield* everything)]
        yield* emulator.addFault(
          Fault.on("mkblk", Fault.wrongChecksum(), { nth: 1 }),
          Fault.on("mkfile", Fault.wrongHash, { nth: 1 }),
          Fault.on("any", Fault.garbage, { nth: 8 })
        )
        failed.push(...(yield* everything))
        for (const status of statuses) {
          mode.now = "echo"
          mode.status = status
          failed.push(...(yield* everything))
        }
        mode.now = "broken"
        failed.push(...(yield* everything))

        // What a program's own code throws is its own; ours must not add to it.
        mode.now = "service"
        yield* run("a defect", uploader.putBytes(film, at("defect"), { onProgress: () => Effect.die("a bug") }))
        const tokens = WcsAuthTokens.layer({ issue: () => new TokenServerFailed({ message: foreign }) })
        const withTokens = Effect.flatMap(Uploader.Uploader, (uploader) => uploader.putBytes(film, at("b")))
        failed.push(
          yield* run("a token server", Effect.provide(withTokens, Layer.provide(Wcs.layer, Layer.fresh(tokens))))
        )

        yield* emulator.addFault(Fault.on("mkfile", Fault.status(400)))
        failed.push(yield* run("what can be resumed", uploader.putBytes(film, at("record"), { method: "block" })))

        note("metrics", yield* Metric.snapshot)

        // What is left on the disk.
        for (const folder of ["/records", "/logs"]) {
          for (const name of yield* fs.readDirectory(folder, { recursive: true })) {
            const path = `${folder}/${name}`
            if ((yield* fs.stat(path)).type === "File") note(path, yield* fs.readFileString(path))
          }
        }
        const store = yield* ProgressStore.ProgressStore
        for (const id of yield* store.list) note("record", yield* store.load(id))

        // It was a client that has failed in many ways, whose log and spans were heard, and whose tokens were seen.
        const tags = new Set(failed.filter(WcsError.isWcsError).map(({ _tag }) => _tag))
        assert.isAbove(tags.size, 12, [...tags].join(" "))
        assert.isAbove(seen.size, 50)
        for (
          const where of [
            "log line",
            "event",
            "end of wcs.stat",
            "failure of wcs.mkblk",
            "end of wcs.attempt",
            "metrics",
            "service effect-wcs/Uploader"
          ]
        ) {
          assert.isTrue(told.some(([at]) => at === where), where)
        }
        assert.isTrue(told.some(([where]) => where.startsWith("/logs/")))
        assert.isTrue(told.some(([where]) => where.startsWith("/records/")))
      }).pipe(Effect.provide(client))

      const secrets = [secretKey, foreign, presigned, ...[...seen].map((text) => text.split(":")[1] ?? text)]
      const leaks = told.filter(([, text]) => secrets.some((secret) => text.includes(secret)) || signature.test(text))
      assert.deepStrictEqual(leaks.map(([where, text]) => `${where}: ${text.slice(0, 600)}`).slice(0, 5), [])
    }))
})
