/**
 * From the service: get.
 */
import * as Args from "@effect/cli/Args"
import * as FileSystem from "@effect/platform/FileSystem"
import * as HttpClient from "@effect/platform/HttpClient"
import * as Path from "@effect/platform/Path"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type { ObjectLocation } from "../../domain/Entry.ts"
import { type WcsError, type WcsFileError, WcsIntegrityError } from "../../domain/WcsError.ts"
import * as Downloads from "../../domain/wire/Downloads.ts"
import * as downloadFile from "../../internal/downloadFile.ts"
import * as localTarget from "../../internal/localTarget.ts"
import { mayNotAsk } from "../../internal/mayNotAsk.ts"
import * as remoteSource from "../../internal/remoteSource.ts"
import * as DigestNode from "../../layers/DigestNode.ts"
import * as WcsNode from "../../layers/WcsNode.ts"
import { Checksums } from "../../services/Checksums.ts"
import { Digest } from "../../services/Digest.ts"
import { Downloader, type DownloadOptions, type DownloadReceipt } from "../../services/Downloader.ts"
import { Objects } from "../../services/Objects.ts"
import { WcsConfig } from "../../services/WcsConfig.ts"
import { type OpenAnswer, WcsHttpClient } from "../../services/WcsHttpClient.ts"
import { UsageError } from "../Failure.ts"
import * as Flags from "../Flags.ts"
import * as Format from "../Format.ts"
import * as Globs from "../Globs.ts"
import * as ObjectPath from "../ObjectPath.ts"
import * as Outcomes from "../Outcomes.ts"
import { Output } from "../Output.ts"
import * as Progress from "../Progress.ts"
import * as RemoteFolder from "../RemoteFolder.ts"
import * as Stdio from "../Stdio.ts"
import * as WcsCommand from "../WcsCommand.ts"

const isUrl = (text: string): boolean => /^https?:\/\//i.test(text) && URL.canParse(text)

/** The last name of a key or of a URL's path; of a URL with a query all of its path, as the vendor's tool has it. */
const nameOf = (source: string): string => {
  if (!isUrl(source)) return source.slice(source.lastIndexOf("/") + 1)
  const { pathname, search } = new URL(source)
  return search === "" ? pathname.slice(pathname.lastIndexOf("/") + 1) : pathname.slice(1)
}

/** The file to write: the one that is given, or one below the current folder that the source names. */
const targetOf = (
  file: Option.Option<string>,
  source: string
): Effect.Effect<string, UsageError | WcsFileError, FileSystem.FileSystem | Path.Path> =>
  Effect.gen(function*() {
    if (Option.isSome(file)) return file.value
    const paths = yield* Path.Path
    const name = nameOf(source)
    if (Either.isLeft(localTarget.segments(paths, name))) {
      return yield* new UsageError({ message: "the source names no file to write", hint: "name one: get SOURCE FILE" })
    }
    const below = localTarget.below(yield* FileSystem.FileSystem, paths, ".", name)
    const path = yield* Effect.catchTag(below, "WcsInvalidInput", ({ detail }) => new UsageError({ message: detail }))
    return paths.relative(".", path)
  })

/** The object that a URL of the download domain names, when the domain has a place for the bucket. */
const locationOf = (downloadUrl: string, url: URL): ObjectLocation | undefined => {
  const [before = "", after = "", ...more] = downloadUrl.split("{bucket}")
  const text = url.href
  if (!downloadUrl.includes("{bucket}") || more.length > 0 || !text.startsWith(before)) return undefined
  const rest = text.slice(before.length)
  const end = after === "" ? rest.indexOf("/") : rest.indexOf(`${after}/`)
  const bucket = rest.slice(0, end)
  const key = Option.liftThrowable(decodeURIComponent)(rest.slice(end + after.length + 1))
  return end > 0 && /^[\w-]+$/.test(bucket) && Option.isSome(key) ? { bucket, key: key.value } : undefined
}

/** Content at a URL: of the download domain with its parts and its etag, of another as it flows. */
const remoteOf = (
  url: URL
): Effect.Effect<downloadFile.Remote, never, WcsConfig | WcsHttpClient | Scope.Scope> =>
  Effect.gen(function*() {
    const config = yield* WcsConfig
    const { downloadUrl, trafficLimit } = config
    if (downloadUrl !== undefined && url.search === "" && url.href.startsWith(`${downloadUrl}/`)) {
      const client = yield* WcsHttpClient
      const path = url.href.slice(downloadUrl.length)
      const open = (range: string | undefined) =>
        client.open(Downloads.getPath(path, { range, trafficLimit }), { lend: true })
      return { open, expected: probe(open("bytes=0-0")) }
    }
    const http = Context.get(yield* Layer.build(WcsNode.layerHttpClient), HttpClient.HttpClient)
    return {
      expected: Effect.succeed(downloadFile.unknown),
      open: () =>
        Effect.map(remoteSource.open(http, url, config), ({ size, stream }) => ({
          status: 200,
          headers: size === undefined ? {} : { "content-length": String(size) },
          stream
        }))
    }
  })

/** What one byte of something tells of the whole. An empty object has none to give. */
const probe = (
  byte: Effect.Effect<OpenAnswer, WcsError, Scope.Scope>
): Effect.Effect<downloadFile.Expected, WcsError> =>
  byte.pipe(
    Effect.tap(({ stream }) => Effect.ignore(Stream.runHead(stream))),
    Effect.map(downloadFile.fromAnswer),
    Effect.scoped,
    Effect.catchIf(
      (error) => error.isRetryable || (error._tag === "WcsRefused" && error.status === 416),
      () => Effect.succeed(downloadFile.unknown)
    )
  )

/** What is to be downloaded: an object, or what stands at a URL. */
type Source = { readonly location: ObjectLocation } | { readonly url: URL }

const parse = (text: string): Effect.Effect<Source, UsageError, WcsConfig> =>
  Effect.gen(function*() {
    if (isUrl(text)) {
      const url = new URL(text)
      const { downloadUrl = "" } = yield* WcsConfig
      const location = url.search === "" ? locationOf(downloadUrl, url) : undefined
      return location === undefined ? { url } : { location }
    }
    const path = ObjectPath.parse(text)
    if (Either.isLeft(path)) {
      return yield* new UsageError({ message: `wcs://BUCKET/OBJECT or a URL is expected, not ${Format.visible(text)}` })
    }
    if (path.right.key === "") {
      return yield* new UsageError({
        message: `there is no object in ${text}: wcs://BUCKET/OBJECT is expected`,
        hint: "wcscmd get -r gets all that is in a folder"
      })
    }
    return { location: path.right }
  })

/** Downloads to a file. */
const toFile = (source: Source, target: string, options: DownloadOptions) =>
  Effect.gen(function*() {
    if ("location" in source) return yield* (yield* Downloader).toFile(source.location, target, options)
    const config = yield* WcsConfig
    const deps = {
      config,
      digest: Context.get(yield* Layer.build(DigestNode.layer), Digest),
      fs: yield* FileSystem.FileSystem,
      path: yield* Path.Path
    }
    return yield* downloadFile.run(deps, yield* remoteOf(source.url), target, {
      ...options,
      overwrite: options.overwrite ?? false,
      checks: config.checks
    })
  })

/** Downloads to stdout. What has been written cannot be taken back: a difference is told at the end. */
const print = (source: Source) =>
  Effect.gen(function*() {
    const { checks } = yield* WcsConfig
    const isKnown = checks && "location" in source
    const info = isKnown
      ? yield* Effect.asSome((yield* Objects).stat(source.location)).pipe(mayNotAsk(() => Option.none()))
      : Option.none()
    const content = "location" in source
      ? (yield* Downloader).stream(source.location)
      : (yield* (yield* remoteOf(source.url)).open(undefined)).stream
    const etag = yield* (yield* Checksums).etagOfStream(Stream.tap(content, Stdio.write))
    const expected = Option.filter(info, ({ nextAppendPosition }) => Option.isNone(nextAppendPosition))
    if (Option.isSome(expected) && expected.value.etag !== "" && expected.value.etag !== etag) {
      return yield* new WcsIntegrityError({
        operation: "download",
        check: "etag",
        expected: expected.value.etag,
        actual: etag
      })
    }
  })

const saved = ({ path, resumed, size }: DownloadReceipt): string =>
  `saved ${Format.visible(path)} (${Format.size(size)}${resumed > 0 ? `, ${Format.size(resumed)} resumed` : ""})`

const getFile = (text: string, file: Option.Option<string>, overwrite: boolean) =>
  Effect.gen(function*() {
    const source = yield* parse(text)
    const output = yield* Output
    if (Option.contains(file, "-")) return yield* print(source)
    const target = yield* targetOf(file, text)
    if (yield* localTarget.isFolder(yield* FileSystem.FileSystem, target)) {
      return yield* new UsageError({
        message: `${target} is a folder`,
        hint: `name a file in it: wcscmd get ${Format.word(text)} ${
          Format.word(`${target.replace(/\/$/, "")}/${nameOf(text) || "NAME"}`)
        }`
      })
    }
    const receipt = yield* Effect.scoped(Effect.gen(function*() {
      const progress = yield* Progress.make("one")
      let isKnown = false
      return yield* toFile(source, target, {
        overwrite,
        onProgress: ({ received, size }) =>
          Effect.zipRight(
            Effect.suspend(() => {
              if (isKnown || size === undefined) return Effect.void
              isKnown = true
              return progress.expect({ files: 1, bytes: size })
            }),
            progress.holds(target, received)
          )
      })
    })).pipe(Effect.onInterrupt(() => output.note("interrupted; the same command goes on from there")))
    yield* output.result(receipt, saved(receipt))
  })

const getFolder = (
  remote: RemoteFolder.RemoteFolder,
  folder: string,
  isMeant: (path: string) => boolean,
  overwrite: boolean,
  nothing: string
) =>
  Outcomes.gather(remote, nothing, ({ add, progress }) =>
    Effect.gen(function*() {
      const { concurrency } = yield* WcsConfig
      yield* RemoteFolder.list(remote, isMeant, { mustExist: true }).pipe(
        Stream.mapEffect((listed) => RemoteFolder.fetch(remote.bucket, listed, folder, { overwrite, progress }), {
          concurrency: Math.max(1, concurrency),
          unordered: true
        }),
        Stream.runForEach(add)
      )
    }))

export const get = WcsCommand.client("get", {
  description:
    "Download an object, or what stands at a URL. FILE is stdout where it is -, and without it the last name of the source, in the current folder. A download that broke off goes on where it stopped.",
  examples: [
    "get wcs://media/films/a.mp4",
    "get wcs://media/films/a.mp4 copy.mp4 --force",
    "get -r wcs://media/site site",
    "get wcs://media/notes.txt -"
  ],
  args: {
    source: Args.text({ name: "wcs://BUCKET/OBJECT|URL" }),
    file: Args.optional(Args.text({ name: "FILE" }))
  },
  flags: {
    force: Flags.onOff("force", "Replace what is there."),
    recursive: Flags.toggle("recursive", "Download all below wcs://BUCKET[/PREFIX]; FILE is a folder.", "r"),
    ...Globs.flags
  },
  settings: ["traffic_limit", "checks", "concurrency"]
}, ({ file, force, recursive, source, ...globs }) =>
  Effect.gen(function*() {
    const overwrite = Option.getOrElse(force, () => false)
    const isMeant = yield* Globs.make(globs)
    if (!recursive) {
      if (globs.include.length + globs.exclude.length > 0) {
        return yield* new UsageError({ message: "--include and --exclude go with -r" })
      }
      return yield* getFile(source, file, overwrite)
    }
    const path = ObjectPath.parse(source)
    if (Either.isLeft(path)) return yield* new UsageError({ message: path.left })
    if (Option.isNone(file) || file.value === "-") return yield* new UsageError({ message: "get -r wants a FOLDER" })
    const nothing = Globs.nothing(source, globs)
    yield* getFolder(RemoteFolder.fromPath(path.right), file.value, isMeant, overwrite, nothing)
  }))
