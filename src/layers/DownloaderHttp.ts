/**
 * `Downloader` over `WcsHttpClient`.
 *
 * @since 0.1.0
 */
import * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import * as Entry from "../domain/Entry.ts"
import { invalid } from "../domain/Input.ts"
import { type WcsInvalidInput, WcsUndecodableAnswer } from "../domain/WcsError.ts"
import * as Downloads from "../domain/wire/Downloads.ts"
import * as Refusals from "../domain/wire/Refusals.ts"
import * as downloadFile from "../internal/downloadFile.ts"
import * as localTarget from "../internal/localTarget.ts"
import { Digest } from "../services/Digest.ts"
import { type ByteRange, Downloader } from "../services/Downloader.ts"
import * as Retry from "../services/Retry.ts"
import { WcsConfig } from "../services/WcsConfig.ts"
import { type OpenAnswer, WcsHttpClient } from "../services/WcsHttpClient.ts"

const natural = (n: number) => Number.isSafeInteger(n) && n >= 0

/** The Range header's value (protocol 10). */
const rangeHeader = (range: ByteRange | undefined): Either.Either<string | undefined, WcsInvalidInput> => {
  if (range === undefined) return Either.right(undefined)
  const valid = "last" in range
    ? natural(range.last) && range.last > 0
    : natural(range.start) && (range.end === undefined || (natural(range.end) && range.end >= range.start))
  return !valid
    ? invalid("range", "is whole bytes, its end not before its start")
    : Either.right("last" in range ? `bytes=-${range.last}` : `bytes=${range.start}-${range.end ?? ""}`)
}

/** Whether an answer is the part that was asked for: from its first byte, and no longer. */
const isPart = (range: ByteRange, { headers, status }: OpenAnswer): boolean => {
  const [, first, last, total] = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(headers["content-range"] ?? "")?.map(Number) ?? []
  if (status !== 206 || first === undefined || last === undefined || total === undefined) return false
  return "last" in range
    ? last === total - 1 && first === Math.max(0, total - range.last)
    : first === range.start && last === Math.min(range.end ?? Infinity, total - 1)
}

/**
 * Downloads over `WcsHttpClient` to the platform's files.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make: Effect.Effect<
  Downloader["Type"],
  never,
  WcsConfig | WcsHttpClient | Digest | FileSystem.FileSystem | Path.Path
> = Effect.gen(function*() {
  const config = yield* WcsConfig
  const client = yield* WcsHttpClient
  const digest = yield* Digest
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path

  const toFile: Downloader["Type"]["toFile"] = (location, target, options = {}) =>
    Effect.flatMap(
      Entry.addressable(location),
      (entry) =>
        downloadFile.run({ config, digest, fs, path }, downloadFile.ofObject(client, config, entry), target, {
          overwrite: options.overwrite ?? false,
          checks: options.checks ?? config.checks,
          onProgress: options.onProgress
        })
    ).pipe(
      Effect.withSpan("Downloader.toFile", {
        attributes: { "wcs.bucket": location.bucket, "wcs.key": location.key }
      })
    )

  return Downloader.of({
    stream: (location, options = {}) =>
      Stream.unwrapScoped(Effect.gen(function*() {
        const entry = yield* Entry.addressable(location)
        const range = yield* rangeHeader(options.range)
        const answer = yield* client.open(Downloads.get(entry, { range, trafficLimit: config.trafficLimit })).pipe(
          Retry.retry("download", config.retries)
        )
        return options.range !== undefined && !isPart(options.range, answer)
          ? Stream.fail(
            new WcsUndecodableAnswer({
              operation: "download",
              status: answer.status,
              code: String(answer.status),
              detail: "not the part of the object that was asked for",
              requestId: Refusals.requestId(answer)
            })
          )
          : answer.stream
      })).pipe(
        Stream.withSpan("Downloader.stream", { attributes: { "wcs.bucket": location.bucket, "wcs.key": location.key } })
      ),
    toFile,
    toFolder: (location, folder, options) =>
      Effect.flatMap(localTarget.below(fs, path, folder, location.key), (target) => toFile(location, target, options))
  })
})

/**
 * `Downloader` over `WcsHttpClient`.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<
  Downloader,
  never,
  WcsConfig | WcsHttpClient | Digest | FileSystem.FileSystem | Path.Path
> = Layer.effect(Downloader, make)
