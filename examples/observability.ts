/**
 * Sends the trace, the metrics and the log of an upload by OTLP: `tsx examples/observability.ts`. The collector listens at
 * OTEL_EXPORTER_OTLP_ENDPOINT, by default http://localhost:4318. The far end is an emulator that throttles once.
 */
import { Otlp } from "@effect/opentelemetry"
import { FetchHttpClient } from "@effect/platform"
import { NodeRuntime } from "@effect/platform-node"
import { Config, Console, Effect, Layer, Logger, LogLevel } from "effect"
import { Uploader } from "effect-wcs"
import { WcsNode } from "effect-wcs/node"
import { Emulator, Fault, WcsTest } from "effect-wcs/testing"
import * as EmulatorNode from "effect-wcs/testing/node"

const Observability = Layer.unwrapEffect(Effect.gen(function*() {
  const baseUrl = yield* Config.withDefault(Config.string("OTEL_EXPORTER_OTLP_ENDPOINT"), "http://localhost:4318")
  const serviceName = yield* Config.withDefault(Config.string("OTEL_SERVICE_NAME"), "my-program")
  return Otlp.layerJson({ baseUrl, resource: { serviceName }, replaceLogger: Logger.defaultLogger })
})).pipe(
  Layer.provide(FetchHttpClient.layer),
  // The library tells of each attempt at level Debug.
  Layer.merge(Logger.minimumLogLevel(LogLevel.Debug))
)

/** A local WCS, some milliseconds away, that refuses one block for a moment. */
const Service = WcsNode.layerWithoutConfig.pipe(
  Layer.provide(WcsTest.layerSettings()),
  Layer.provide(Layer.effectDiscard(Effect.flatMap(Emulator.Emulator, (emulator) =>
    emulator.addFault(
      Fault.on("mkblk", Fault.status(503), { nth: 2 }),
      Fault.on("any", Fault.delay("40 millis"))
    )))),
  Layer.provide(EmulatorNode.layer({ buckets: ["media"] }))
)

const program = Effect.gen(function*() {
  const uploader = yield* Uploader.Uploader
  const film = new Uint8Array(10 * 1024 * 1024)
  const { blocks, requestId } = yield* uploader.putBytes(film, { bucket: "media", key: "2026/film.mp4" }, {
    method: "block",
    concurrency: 2
  })
  yield* Console.log(`${blocks.sent} blocks sent, request ${requestId}`)
})

program.pipe(Effect.provide(Layer.provideMerge(Service, Observability)), NodeRuntime.runMain)
