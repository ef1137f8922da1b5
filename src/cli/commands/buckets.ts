/**
 * Buckets: what they hold, and what is asked of them.
 */
import * as Args from "@effect/cli/Args"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Bucket from "../../domain/Bucket.ts"
import * as LiveRecording from "../../domain/LiveRecording.ts"
import { Buckets } from "../../services/Buckets.ts"
import { UsageError } from "../Failure.ts"
import * as Flags from "../Flags.ts"
import * as Format from "../Format.ts"
import * as ObjectPath from "../ObjectPath.ts"
import { Output } from "../Output.ts"
import * as WcsCommand from "../WcsCommand.ts"

/** `b1|b2` as the vendor's tool takes them, or one as `wcs://BUCKET`. */
const names = Args.text({ name: "\"B1|B2\"" }).pipe(
  Args.atLeast(1),
  Args.map((texts) => texts.flatMap((text) => text.split("|")))
)

const nameOf = (text: string): Either.Either<string, UsageError> =>
  ObjectPath.isRemote(text)
    ? Either.mapLeft(ObjectPath.parseBucket(text), (message) => new UsageError({ message }))
    : Either.right(text)

/** Calendar days are those of the service's zone. */
const today = Effect.map(DateTime.now, DateTime.setZone(LiveRecording.zone))

/** The span of days that the options name; yesterday and today where they name none. */
const span = (startdate: Option.Option<string>, enddate: Option.Option<string>) =>
  Effect.gen(function*() {
    const now = yield* today
    const from = Option.getOrElse(startdate, () => DateTime.formatIsoDate(DateTime.subtract(now, { days: 1 })))
    const to = Option.getOrElse(enddate, () => DateTime.formatIsoDate(now))
    return yield* Either.mapLeft(
      Bucket.span(from, to),
      ({ detail, input }) =>
        new UsageError({
          message: `--${input === "from" ? "startdate" : "enddate"} ${detail.replace(/from$/, `--startdate ${from}`)}`
        })
    )
  })

const types: ReadonlyArray<Bucket.StorageType> = ["Standard", "InfrequentAccess", "Archive"]

/** A name of a type of storage, in any case, or its number. */
const storageType = (text: Option.Option<string>): Either.Either<Bucket.StorageType | number | undefined, UsageError> =>
  Option.match(text, {
    onNone: () => Either.right(undefined),
    onSome: (text) => {
      const name = types.find((type) => type.toLowerCase() === text.toLowerCase())
      return name !== undefined
        ? Either.right(name)
        : /^\d{1,9}$/.test(text)
        ? Either.right(Number(text))
        : Either.left(new UsageError({ message: `--storagetype is one of ${types.join(", ")}, or a number` }))
    }
  })

export const listbucket = WcsCommand.client("listbucket", {
  description: "List the buckets of the account."
}, () =>
  Effect.gen(function*() {
    const buckets = yield* (yield* Buckets).list
    yield* (yield* Output).result(buckets, buckets.map(({ name }) => Format.visible(name)).join("\n"))
  }))

export const bucketstat = WcsCommand.client("bucketstat", {
  description: "Tell the volume of buckets by days, or with --type their requests and traffic.",
  examples: [
    "bucketstat media",
    "bucketstat \"media|backup\" --startdate 2026-01-01 --enddate 2026-01-31 --islistdetails"
  ],
  args: { names },
  flags: {
    startdate: Flags.value("startdate", "YYYY-MM-DD", "The first day, of China's time. Default: yesterday."),
    enddate: Flags.value("enddate", "YYYY-MM-DD", "The last day, of China's time. Default: today."),
    islistdetails: Flags.onOff("islistdetails", "Whether each day is listed. Default: 0."),
    storagetype: Flags.value("storagetype", "TYPE", `${types.join(", ")}, or a number. Default: all together.`),
    type: Flags.value("type", "TYPE", "Statistics instead of volumes, such as uploadRequest, as the service has them.")
  }
}, ({ enddate, islistdetails, names, startdate, storagetype, type }) =>
  Effect.gen(function*() {
    const service = yield* Buckets
    const output = yield* Output
    const storage = yield* storageType(storagetype)
    const asked = {
      buckets: yield* Either.all(names.map(nameOf)),
      ...(yield* span(startdate, enddate)),
      details: Option.getOrUndefined(islistdetails)
    }
    if (Option.isSome(type)) {
      if (storage !== undefined) return yield* new UsageError({ message: "--storagetype does not go with --type" })
      const answer = yield* service.statistics({ ...asked, type: type.value })
      return yield* output.result(answer, JSON.stringify(answer, null, 2))
    }
    const volumes = yield* service.stat({ ...asked, storageType: storage })
    const rows = volumes.buckets.flatMap(({ detail, name }) =>
      detail.map(({ day, megabytes }) => [
        Format.visible(name),
        Format.visible(day),
        Option.match(megabytes, { onNone: () => "-", onSome: (amount) => `${amount.toFixed(3)} MB` })
      ])
    )
    yield* output.result(volumes, Format.table(rows, [2]))
  }))
