import type * as FileSystem from "@effect/platform/FileSystem"
import type * as Path from "@effect/platform/Path"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import type { Entry } from "../domain/Entry.ts"
import * as Etag from "../domain/Etag.ts"
import { type WcsError, WcsFileError, WcsIntegrityError, WcsNetworkError } from "../domain/WcsError.ts"
import * as Downloads from "../domain/wire/Downloads.ts"
import * as Management from "../domain/wire/Management.ts"
import type { Digest } from "../services/Digest.ts"
import type { DownloadOptions, DownloadReceipt } from "../services/Downloader.ts"
import * as Retry from "../services/Retry.ts"
import type { WcsOptions } from "../services/WcsConfig.ts"
import type { OpenAnswer, WcsHttpClient } from "../services/WcsHttpClient.ts"
import * as localTarget from "./localTarget.ts"

const operation = "download"

export interface DownloadDeps {
  readonly client: WcsHttpClient["Type"]
  readonly config: WcsOptions
  readonly digest: Digest["Type"]
  readonly fs: FileSystem.FileSystem
  readonly path: Path.Path
}

/** What the object is, as far as it is known before its last byte has come. */
interface Expected {
  readonly size: number | undefined
  readonly etag: string | undefined
}

/** By stat where this program may ask; else the answer's headers tell. */
const expected = ({ client }: DownloadDeps, entry: Entry, checks: boolean): Effect.Effect<Expected, WcsError> => {
  const unknown = Effect.succeed<Expected>({ size: undefined, etag: undefined })
  return checks
    ? Effect.catchTags(client.execute(Management.stat(entry)), {
      WcsMissingCredentials: () => unknown,
      WcsUnauthorized: () => unknown,
      WcsInvalidInput: () => unknown
    })
    : unknown
}

/** A header's etag, if it is one of WCS: 28 characters whose first byte is 0x16 or 0x96 (protocol 11.1). */
const headerEtag = ({ headers }: OpenAnswer): string | undefined =>
  /^"?([Fl][\w-]{27})"?$/.exec(headers["etag"] ?? "")?.[1]

/** The length of the whole object, whichever part of it this answer is. */
const headerSize = ({ headers, status }: OpenAnswer): number | undefined => {
  const text = status === 206 ? /\/(\d+)$/.exec(headers["content-range"] ?? "")?.[1] : headers["content-length"]
  return text === undefined || !/^\d+$/.test(text) ? undefined : Number(text)
}

const mismatch = (check: "etag" | "size", wanted: string | number, actual: string | number) =>
  new WcsIntegrityError({ operation, check, expected: String(wanted), actual: String(actual) })

/** The partial file of a download: what it holds, and its hash so far. */
const openPartial = (deps: DownloadDeps, partial: string, keep: boolean) =>
  Effect.gen(function*() {
    const { digest, fs } = deps
    // A link there is not ours, and what it points to is not to be written.
    yield* Effect.ignore(Effect.zipRight(fs.readLink(partial), fs.remove(partial)))
    const file = yield* Effect.mapError(
      fs.open(partial, { flag: keep ? "a+" : "w+", mode: 0o666 }),
      localTarget.unwritable(partial)
    )
    let hasher = Etag.pieceHasher(digest.sha1)
    let received = 0
    if (keep) {
      yield* Stream.runForEach(Stream.mapError(fs.stream(partial), localTarget.unwritable(partial)), (bytes) =>
        Effect.sync(() => {
          hasher.update(bytes)
          received += bytes.length
        }))
    }
    return {
      received: () =>
        received,
      append: (bytes: Uint8Array) =>
        Effect.map(Effect.mapError(file.writeAll(bytes), localTarget.unwritable(partial)), () => {
          hasher.update(bytes)
          received += bytes.length
        }),
      restart: Effect.map(Effect.mapError(file.truncate(0), localTarget.unwritable(partial)), () => {
        hasher = Etag.pieceHasher(digest.sha1)
        received = 0
      }),
      /** The etag of all that was written. */
      finish: Effect.map(Effect.mapError(file.sync, localTarget.unwritable(partial)), () =>
        Etag.fromPieces(hasher.digest(), digest.sha1))
    }
  })

/** Downloads an object into a partial file and renames it when it is complete and equal. */
export const run = (
  deps: DownloadDeps,
  entry: Entry,
  target: string,
  options: DownloadOptions & { readonly overwrite: boolean; readonly checks: boolean }
): Effect.Effect<DownloadReceipt, WcsError> =>
  Effect.gen(function*() {
    const { client, config, fs, path } = deps
    const free = options.overwrite ? Effect.void : localTarget.free(fs, target)
    yield* free
    if (yield* Effect.orElseSucceed(Effect.map(fs.stat(target), (info) => info.type === "Directory"), () => false)) {
      return yield* new WcsFileError({ reason: "NotAFile", path: target, detail: "is a folder" })
    }
    let known = yield* expected(deps, entry, options.checks)
    // The etag in its name ties the partial file to this content: another version of the object begins anew.
    const partial = path.join(path.dirname(target), `.${path.basename(target)}.${known.etag ?? "wcs"}.part`)

    const { etag, resumed, size } = yield* Effect.scoped(Effect.gen(function*() {
      const file = yield* openPartial(deps, partial, known.etag !== undefined)
      if (file.received() > (known.size ?? Infinity)) yield* file.restart
      const resumed = file.received()
      let moved = false

      const fetch = Effect.gen(function*() {
        const from = file.received()
        if (from > 0 && from === known.size) return
        const answer = yield* client.open(
          Downloads.get(entry, { range: from > 0 ? `bytes=${from}-` : undefined, trafficLimit: config.trafficLimit })
        )
        if (from > 0 && !(answer.headers["content-range"] ?? "").startsWith(`bytes ${from}-`)) yield* file.restart
        const appended = answer.headers["x-wcs-object-type"]?.toLowerCase() === "appendable"
        const now: Expected = { size: headerSize(answer), etag: appended ? undefined : headerEtag(answer) }
        if (known.etag !== undefined && now.etag !== undefined && now.etag !== known.etag) {
          return yield* mismatch("etag", known.etag, now.etag)
        }
        if (known.size !== undefined && now.size !== undefined && now.size !== known.size) {
          return yield* mismatch("size", known.size, now.size)
        }
        known = { size: known.size ?? now.size, etag: appended ? undefined : known.etag ?? now.etag }
        yield* Stream.runForEach(answer.stream, (bytes) => {
          moved = true
          return Effect.zipRight(
            file.append(bytes),
            Effect.suspend(() => options.onProgress?.({ received: file.received(), size: known.size }) ?? Effect.void)
          )
        })
        if (known.size !== undefined && file.received() < known.size) {
          return yield* new WcsNetworkError({ operation, detail: "the connection ended before the object did" })
        }
      })

      // What has moved on is not stuck: the schedule begins anew after each break that brought something.
      const schedules = yield* Retry.RetrySchedules
      const driver = yield* Schedule.driver(schedules.request ?? Retry.schedule(config.retries.connect))
      const persistent: Effect.Effect<void, WcsError> = Effect.catchAll(fetch, (error) =>
        Effect.gen(function*() {
          if (!error.isRetryable) return yield* error
          if (moved) yield* driver.reset
          moved = false
          yield* Effect.mapError(driver.next(error), () => error)
          yield* persistent
        }))
      yield* Effect.onError(persistent, () => file.received() === 0 ? Effect.ignore(fs.remove(partial)) : Effect.void)
      return { size: file.received(), resumed, etag: yield* file.finish }
    }))

    const { size: wantedSize, etag: wantedEtag } = known
    const drop = Effect.ignore(fs.remove(partial))
    if (wantedSize !== undefined && size !== wantedSize) {
      return yield* Effect.zipRight(drop, mismatch("size", wantedSize, size))
    }
    if (options.checks && wantedEtag !== undefined && etag !== wantedEtag) {
      return yield* Effect.zipRight(drop, mismatch("etag", wantedEtag, etag))
    }
    yield* free
    yield* Effect.mapError(fs.rename(partial, target), localTarget.unwritable(target))
    return {
      path: target,
      size,
      resumed,
      ...(options.checks && { etag }),
      verified: !options.checks
        ? "none"
        : wantedEtag !== undefined
        ? "etag"
        : wantedSize !== undefined
        ? "size"
        : "none"
    }
  })
