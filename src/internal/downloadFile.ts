import type * as FileSystem from "@effect/platform/FileSystem"
import type * as Path from "@effect/platform/Path"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type { Entry } from "../domain/Entry.ts"
import type { ObjectInfo } from "../domain/ObjectInfo.ts"
import { type WcsError, WcsIntegrityError, WcsNetworkError, WcsUndecodableAnswer } from "../domain/WcsError.ts"
import * as Downloads from "../domain/wire/Downloads.ts"
import * as Management from "../domain/wire/Management.ts"
import * as Refusals from "../domain/wire/Refusals.ts"
import type { Digest } from "../services/Digest.ts"
import type { DownloadOptions, DownloadReceipt } from "../services/Downloader.ts"
import * as Retry from "../services/Retry.ts"
import type { WcsOptions } from "../services/WcsConfig.ts"
import type { OpenAnswer, WcsHttpClient } from "../services/WcsHttpClient.ts"
import * as localTarget from "./localTarget.ts"
import { mayNotAsk } from "./mayNotAsk.ts"
import * as partialFile from "./partialFile.ts"
import type { PartialFile } from "./partialFile.ts"

const operation = "download"

export interface DownloadDeps {
  readonly config: WcsOptions
  readonly digest: Digest["Type"]
  readonly fs: FileSystem.FileSystem
  readonly path: Path.Path
}

/** What the object is, as far as it is known before its last byte has come. */
export interface Expected {
  readonly size: number | undefined
  readonly etag: string | undefined
}

/** What is downloaded. */
export interface Remote {
  /** Asked with checks on, before anything else. What it leaves open the answers' headers tell. */
  readonly expected: Effect.Effect<Expected, WcsError>
  /** Its content, which may be lent; `range` is the value of a Range header, which may be passed over. */
  readonly open: (range: string | undefined) => Effect.Effect<OpenAnswer, WcsError, Scope.Scope>
}

/** Nothing is known before the first answer. */
export const unknown: Expected = { size: undefined, etag: undefined }

/** An object whose etag nobody knows has none to compare with. */
const fromStat = ({ etag, size }: ObjectInfo): Expected => ({ size, etag: etag || undefined })

/** An object: stat describes it where this program may ask. */
export const ofObject = (client: WcsHttpClient["Type"], config: WcsOptions, entry: Entry): Remote => ({
  expected: Effect.map(client.execute(Management.stat(entry)), fromStat).pipe(mayNotAsk(() => unknown)),
  open: (range) => client.open(Downloads.get(entry, { range, trafficLimit: config.trafficLimit }), { lend: true })
})

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

const isAppended = ({ headers }: OpenAnswer) => headers["x-wcs-object-type"]?.toLowerCase() === "appendable"

/** What an answer says of the whole object; the etag of an appended one is of no known algorithm. */
export const fromAnswer = (answer: OpenAnswer): Expected => ({
  size: headerSize(answer),
  etag: isAppended(answer) ? undefined : headerEtag(answer)
})

/** Something on the way answers for the service, or the service misunderstands: asking again may help. */
const odd = ({ headers, status }: OpenAnswer, detail: string) =>
  new WcsUndecodableAnswer({
    operation,
    status,
    code: String(status),
    detail,
    requestId: Refusals.requestId({ headers })
  })

/** What is known of an object: what was told before, and what its answers tell. */
const observed = (first: Expected) => {
  let known = first

  /** What the first answer called this version of the object, in whatever form. */
  let version: string | undefined

  /** Compares what an answer says of the object with what is known of it; true when it holds the whole object. */
  const judge = (answer: OpenAnswer, from: number): Effect.Effect<boolean, WcsError> => {
    const whole = answer.status !== 206
    const appended = isAppended(answer)
    const now = fromAnswer(answer)
    if (known.etag !== undefined && now.etag !== undefined && now.etag !== known.etag) {
      return mismatch("etag", known.etag, now.etag)
    }
    const called = answer.headers["etag"] ?? answer.headers["last-modified"]
    if (version !== undefined && called !== undefined && called !== version) return mismatch("etag", version, called)
    if (known.size !== undefined && now.size !== undefined && now.size !== known.size) {
      return now.etag === undefined
        ? odd(answer, `${now.size} bytes where the object has ${known.size}`)
        : mismatch("size", known.size, now.size)
    }
    if (!whole && !(answer.headers["content-range"] ?? "").startsWith(`bytes ${from}-`)) {
      return odd(answer, "another part than was asked for")
    }
    version ??= called
    known = { size: known.size ?? now.size, etag: appended ? undefined : known.etag ?? now.etag }
    return Effect.succeed(whole)
  }

  return { known: () => known, judge }
}

/** Downloads something into a partial file and puts it in the target's place when it is complete and equal. */
export const run = (
  deps: DownloadDeps,
  remote: Remote,
  target: string,
  options: DownloadOptions & { readonly overwrite: boolean; readonly checks: boolean }
): Effect.Effect<DownloadReceipt, WcsError> =>
  Effect.gen(function*() {
    const { config, digest, fs, path } = deps
    const free = options.overwrite ? Effect.void : localTarget.free(fs, target)
    yield* free
    yield* localTarget.isFile(fs, target)
    yield* localTarget.inFolder(fs, path, target)
    const object = observed(yield* options.checks ? remote.expected : Effect.succeed(unknown))

    const fill = (file: PartialFile) =>
      Effect.gen(function*() {
        if (file.received() > (object.known().size ?? Infinity)) yield* file.restart
        const resumed = file.received()
        let moved = false
        /** The most that was there at once: what is fetched again is no progress. */
        let most = resumed

        const fetch = Effect.scoped(Effect.gen(function*() {
          const from = file.received()
          if (from > 0 && from === object.known().size) return
          const range = from > 0 ? `bytes=${from}-` : undefined
          const answer = yield* remote.open(range)
          const whole = yield* object.judge(answer, from)
          if (whole && from > 0) yield* file.restart
          yield* Stream.runForEach(answer.stream, (bytes) => {
            if (bytes.length === 0) return Effect.void
            return Effect.zipRight(
              file.append(bytes),
              Effect.suspend(() => {
                moved ||= file.received() > most
                most = Math.max(most, file.received())
                return options.onProgress?.({ received: file.received(), size: object.known().size }) ?? Effect.void
              })
            )
          })
          if (file.received() < (object.known().size ?? 0)) {
            return yield* new WcsNetworkError({ operation, detail: "the connection ended before the object did" })
          }
        }))

        // What has moved on is not stuck: the schedule begins anew after each break that brought something.
        const hasMoved = () => {
          const before = moved
          moved = false
          return before
        }
        yield* Retry.retry("download", config.retries, { anew: hasMoved })(fetch)

        const size = file.received()
        const etag = yield* file.finish
        const known = object.known()
        if (known.size !== undefined && size !== known.size) return yield* mismatch("size", known.size, size)
        if (etag !== undefined && known.etag !== undefined && etag !== known.etag) {
          return yield* mismatch("etag", known.etag, etag)
        }
        return { size, resumed, etag }
      })

    const place = {
      fs,
      path,
      target,
      etag: object.known().etag,
      abandonedAfter: Duration.sum(
        Duration.times(Duration.max(config.requestTimeout, config.stallTimeout), 2),
        "30 seconds"
      )
    }
    const { etag, resumed, size } = yield* partialFile.use(
      place,
      options.checks ? digest.sha1 : undefined,
      fill,
      free
    )
    const known = object.known()
    const verified = known.etag !== undefined ? "etag" : known.size !== undefined ? "size" : "none"
    return {
      path: target,
      size,
      resumed,
      ...(etag !== undefined && { etag }),
      verified: options.checks ? verified : "none"
    }
  })
