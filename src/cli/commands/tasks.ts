/**
 * Tasks that the service carries out on its own: file management (fmgr) and media commands (fops).
 */
import * as Args from "@effect/cli/Args"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Base64Url from "../../domain/Base64Url.ts"
import * as MediaPipeline from "../../domain/MediaPipeline.ts"
import type { PersistentId, TaskItem, TaskStatus } from "../../domain/Task.ts"
import { isWcsError } from "../../domain/WcsError.ts"
import { FileManager } from "../../services/FileManager.ts"
import { Media } from "../../services/Media.ts"
import * as Polling from "../../services/Polling.ts"
import type { CommandError } from "../Failure.ts"
import { PartlyFailed, UsageError } from "../Failure.ts"
import * as Flags from "../Flags.ts"
import * as Format from "../Format.ts"
import * as ObjectPath from "../ObjectPath.ts"
import { Output } from "../Output.ts"
import * as WcsCommand from "../WcsCommand.ts"

const waiting = {
  wait: Flags.toggle("wait", "Wait for the task's end, and tell what became of every command."),
  timeout: Flags.count("timeout", "With --wait: for how long. Default: 3600.", "SECONDS")
}

/** Whether a command waits, and for how many seconds. */
interface Waiting {
  readonly wait: boolean
  readonly timeout: Option.Option<number>
}

/** What the services of both kinds of task can tell of one. */
type Tasks = Pick<FileManager["Type"], "status" | "await">

/** The command that asks for a task again. */
type StatusCommand = "fmgrStatus" | "fopsStatus"

/** A task as `--json` has it. */
const taskJson = ({ description, id, items, source, state }: TaskStatus) => ({
  persistentId: id,
  state,
  description,
  source,
  items
})

/** What travels in Base64 within a command, by the names before it (protocol 7, 8). */
const encoded = /(?<=^|[/|])(fetchURL|resource|bucket|key|keyList|prefix|output|saveas|dir)\/([\w-]+={0,2})/g

/** A command as it was meant. */
const readable = (command: string): string =>
  Format.visible(
    command.replaceAll(encoded, (all: string, name: string, value: string) =>
      Either.match(Base64Url.decodeText(value), {
        onLeft: () => all,
        onRight: (text) => `${name}/${text}`
      }))
  )

/** A command on a line: how it is doing, what it made or worked on, why it failed, and which one it is. */
const itemRow = ({ command, error, key, size, state }: TaskItem): ReadonlyArray<string> => [
  state,
  Option.match(key, { onNone: () => "-", onSome: Format.visible }),
  Option.match(size, { onNone: () => "-", onSome: Format.size }),
  Option.match(error, { onNone: () => "", onSome: (why) => `${Format.visible(why)}: ` }) + readable(command)
]

const taskText = ({ description, id, items, source, state }: TaskStatus): string =>
  Format.table([
    ["task", Format.visible(id)],
    ["state", description === "" ? state : `${state} (${Format.visible(description)})`],
    ...Option.match(source, {
      onNone: () => [],
      onSome: (object) => [["source", Format.visible(ObjectPath.format(object))]]
    })
  ]) + (items.length === 0 ? "" : `\n\n${Format.table(items.map(itemRow), [2])}`)

const again = (command: StatusCommand, id: string) => `wcscmd ${command} ${Format.visible(id)} --wait`

const checkWaiting = ({ timeout, wait }: Waiting) =>
  Option.isSome(timeout) && !wait ? new UsageError({ message: "--timeout goes with --wait" }) : Effect.void

/** Waits for a task's end and tells of it; that a command failed is a failure here. */
const toEnd = (tasks: Tasks, command: StatusCommand, id: string, { timeout }: Waiting) =>
  Effect.gen(function*() {
    const output = yield* Output
    if (output.isTerminal) yield* output.note(`waiting for task ${Format.visible(id)}`)
    const limit = Option.getOrElse(timeout, () => 3600)
    const report = yield* tasks.await(id, { schedule: Polling.upTo(limit * 1000) }).pipe(
      Effect.onInterrupt(() => output.note(`the task goes on: ${again(command, id)}`))
    )
    yield* output.result(taskJson(report), taskText(report))
    const { failed, items } = report
    if (failed.length > 0) {
      return yield* new PartlyFailed({
        message: `${failed.length} of ${Format.plural(items.length, "command")} of task ${id} failed`
      })
    }
  })

/** Starts a task, and tells its id or waits for its end. */
const run = (
  start: Effect.Effect<PersistentId, CommandError>,
  tasks: Tasks,
  command: StatusCommand,
  options: Waiting
): Effect.Effect<void, CommandError, Output> =>
  Effect.gen(function*() {
    yield* checkWaiting(options)
    const id = yield* start
    const output = yield* Output
    if (!options.wait) return yield* output.result({ persistentId: id }, Format.visible(id))
    yield* toEnd(tasks, command, id, options).pipe(
      // The id is all that is left of a task whose end was not seen.
      Effect.tapError((error) =>
        isWcsError(error) && error._tag !== "WcsTaskPending"
          ? output.note(`the task has been started: ${again(command, id)}`)
          : Effect.void
      )
    )
  })

const fileTask = (
  options: Waiting,
  start: (files: FileManager["Type"]) => Effect.Effect<PersistentId, CommandError>
) => Effect.flatMap(FileManager, (files) => run(start(files), files, "fmgrStatus", options))

/** A place that an option names. */
const place = <A>(
  name: string,
  text: Option.Option<string>,
  read: (text: string) => Either.Either<A, string>
): Either.Either<A | undefined, UsageError> =>
  Option.isNone(text)
    ? Either.right(undefined)
    : Either.mapLeft(read(text.value), (problem) => new UsageError({ message: `--${name}: ${problem}` }))

export const deletePrefix = WcsCommand.client(
  "deletePrefix",
  {
    description: "Have everything below folders of a bucket deleted: test is test/…, and not test123.",
    examples: ["deletePrefix wcs://media films/old --wait"],
    args: { bucket: ObjectPath.bucket(), prefixes: Args.text({ name: "PREFIX" }).pipe(Args.atLeast(1)) },
    flags: {
      listTo: Flags.value("list-to", "wcs://BUCKET/OBJECT", "Where the service writes a list of the deleted keys."),
      ...waiting
    },
    settings: Flags.tasks
  },
  ({ bucket, listTo, prefixes, ...options }) =>
    fileTask(
      options,
      (files) =>
        Effect.flatMap(place("list-to", listTo, ObjectPath.parseObject), (output) =>
          files.deletePrefix(prefixes.map((prefix) => ({ bucket, prefix, output }))))
    )
)

export const fetch = WcsCommand.client("fetch", {
  description: "Have the service fetch a URL. Without an object the URL's path is the key.",
  examples: [
    "fetch https://example.com/a.mp4 wcs://media/films/a.mp4 --wait",
    "fetch https://example.com/site.zip wcs://media --prefix site --decompression zip"
  ],
  args: { url: Args.text({ name: "URL" }), to: ObjectPath.place() },
  flags: {
    prefix: Flags.value("prefix", "PREFIX", "A folder around the key."),
    md5: Flags.value("md5", "HEX", "The content's MD5; other content is refused."),
    decompression: Flags.value("decompression", "FORMAT", "The format of an archive that is unpacked, such as zip."),
    segments: Flags.onOff("segments", "Of an m3u8 also its segments."),
    ...waiting
  },
  settings: Flags.tasks
}, ({ decompression, md5, prefix, segments, to, url, ...options }) =>
  fileTask(options, (files) =>
    files.fetch([{
      url,
      to: { bucket: to.bucket, key: to.key === "" ? undefined : to.key, prefix: Option.getOrUndefined(prefix) },
      md5: Option.getOrUndefined(md5),
      decompression: Option.getOrUndefined(decompression),
      segments: Option.getOrUndefined(segments)
    }])))

export const compress = WcsCommand.client(
  "compress",
  {
    description: "Have objects packed into a ZIP. A key that ends with a slash is a folder with all below it.",
    examples: [
      "compress wcs://media/notes.zip notes/a.txt notes/b.txt --wait",
      "compress wcs://backup/films.zip films/ --source wcs://media"
    ],
    args: {
      target: ObjectPath.object("wcs://BUCKET/TARGET.zip"),
      keys: Args.text({ name: "[KEY]" }).pipe(Args.repeated)
    },
    flags: {
      source: Flags.value("source", "wcs://BUCKET", "The bucket of the keys. Default: that of the target."),
      keyList: Flags.value("key-list", "KEY", "An object that lists keys, one a line, where no KEY is given."),
      ...waiting
    },
    settings: Flags.tasks
  },
  ({ keyList, keys, source, target, ...options }) =>
    fileTask(options, (files) =>
      Effect.gen(function*() {
        if (keys.length > 0 === Option.isSome(keyList)) {
          return yield* new UsageError({ message: "what to pack is named by KEYs, or by --key-list" })
        }
        const bucket = (yield* place("source", source, (text) => ObjectPath.parseBucket(text))) ?? target.bucket
        return yield* files.compress([{ bucket, keys, keyList: Option.getOrUndefined(keyList), saveAs: target }])
      }))
)

export const deletem3u8 = WcsCommand.client(
  "deletem3u8",
  {
    description: "Have playlists deleted, with their segments.",
    examples: ["deletem3u8 wcs://media/live/a.m3u8 --wait"],
    args: { objects: ObjectPath.object().pipe(Args.atLeast(1)) },
    flags: { segments: Flags.onOff("segments", "Whether the segments go, too. Default: 1."), ...waiting },
    settings: Flags.tasks
  },
  ({ objects, segments, ...options }) =>
    fileTask(
      options,
      (files) => files.deleteM3u8(objects.map((object) => ({ ...object, segments: Option.getOrUndefined(segments) })))
    )
)

export const fops = WcsCommand.client("fops", {
  description: "Have media commands run on an object. FOPS is plain text, commands with ; between them.",
  examples: ["fops wcs://media/a.mov 'avthumb/mp4' --save-as wcs://media/a.mp4 --wait"],
  args: { object: ObjectPath.object(), fops: Args.text({ name: "FOPS" }) },
  flags: {
    saveAs: Flags.value("save-as", "wcs://BUCKET/OBJECT", "Where the result of a single command is stored."),
    ...waiting
  },
  settings: Flags.tasks
}, ({ fops, object, saveAs, ...options }) =>
  Effect.gen(function*() {
    const media = yield* Media
    const target = yield* place("save-as", saveAs, ObjectPath.parseObject)
    const commands = fops.trim().replace(/;$/, "").split(";").map(MediaPipeline.raw)
    if (target !== undefined && commands.length > 1) {
      return yield* new UsageError({ message: "--save-as goes with one command, and FOPS has several" })
    }
    const pipeline = target === undefined ? commands : commands.map(MediaPipeline.saveAs(target))
    yield* run(media.process(object, pipeline), media, "fopsStatus", options)
  }))

const status = (command: StatusCommand, description: string, service: typeof FileManager | typeof Media) =>
  WcsCommand.client(
    command,
    {
      description,
      examples: [`${command} PERSISTENTID`, `${command} PERSISTENTID --wait --timeout 600`],
      args: { id: Args.text({ name: "PERSISTENTID" }) },
      flags: waiting
    },
    ({ id, ...options }) =>
      Effect.gen(function*() {
        yield* checkWaiting(options)
        const tasks: Tasks = yield* service
        // Waiting gets over a service that is away: whether there is such a task is asked first.
        const now = yield* tasks.status(id)
        if (options.wait) return yield* toEnd(tasks, command, id, options)
        yield* (yield* Output).result(taskJson(now), taskText(now))
      })
  )

export const fmgrStatus = status("fmgrStatus", "Tell how a task of file management is doing.", FileManager)

export const fopsStatus = status("fopsStatus", "Tell how a task of media commands is doing.", Media)
