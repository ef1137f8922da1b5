/**
 * A local folder and a folder of the service made alike: sync.
 */
import * as Args from "@effect/cli/Args"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as partialFile from "../../internal/partialFile.ts"
import { WcsConfig } from "../../services/WcsConfig.ts"
import { EmptyFolder, UsageError } from "../Failure.ts"
import * as Flags from "../Flags.ts"
import * as Format from "../Format.ts"
import * as Globs from "../Globs.ts"
import * as ObjectPath from "../ObjectPath.ts"
import * as Outcomes from "../Outcomes.ts"
import { Output } from "../Output.ts"
import * as RemoteFolder from "../RemoteFolder.ts"
import * as Sync from "../Sync.ts"
import * as WcsCommand from "../WcsCommand.ts"

/** Which of two places is the local one. */
const direction = (source: string, target: string) =>
  Effect.gen(function*() {
    const isUp = ObjectPath.isRemote(target)
    if (ObjectPath.isRemote(source) === isUp) {
      return yield* new UsageError({
        message: `both SOURCE and TARGET are ${isUp ? "in the service" : "local"}`,
        hint: "one of them is wcs://BUCKET[/PREFIX], the other a local folder"
      })
    }
    const path = ObjectPath.parse(isUp ? target : source)
    if (Either.isLeft(path)) return yield* new UsageError({ message: path.left })
    return { isUp, folder: isUp ? source : target, remote: RemoteFolder.fromPath(path.right) }
  })

/** What deletes the objects that are meant, and no others: no task deletes a whole bucket, or knows patterns. */
const deletion = ({ bucket, prefix }: RemoteFolder.RemoteFolder, { exclude, include }: Globs.Globs): string =>
  prefix === "" || include.length + exclude.length > 0
    ? "wcscmd del"
    : `wcscmd deletePrefix wcs://${bucket} ${Format.word(prefix.slice(0, -1))}`

export const sync = WcsCommand.client("sync", {
  description:
    "Make the target like the source: one is a local folder, the other wcs://BUCKET[/PREFIX]. Files whose size and etag are equal stay. What was interrupted goes on when the same command runs again, within a large file, too.",
  examples: [
    "sync site wcs://media/site --dry-run --delete",
    "sync site wcs://media/site --delete",
    "sync wcs://media/site site --exclude '*.tmp'"
  ],
  args: { source: Args.text({ name: "SOURCE" }), target: Args.text({ name: "TARGET" }) },
  flags: {
    delete: Flags.toggle("delete", "Delete what is only in the target, once all transfers have gone well."),
    dryRun: Flags.toggle("dry-run", "Tell what would be done, and do nothing."),
    overwrite: Flags.onOff("overwrite", "Whether what differs in the target is replaced. Default: 1."),
    ...Globs.flags
  },
  // What is out of date is replaced, whatever the policy of the settings says.
  settings: [...Flags.policy.filter((name) => name !== "overwrite"), ...Flags.uploads, "multi_size"]
}, ({ delete: deletes, dryRun, overwrite, source, target, ...globs }) =>
  Effect.gen(function*() {
    const { folder, isUp, remote } = yield* direction(source, target)
    const isFitting = yield* Globs.make(globs)
    const job: Sync.Job = {
      folder,
      remote,
      isMeant: (path, kind) => isFitting(path, kind) && !partialFile.isPartial(path),
      deletes,
      overwrites: Option.getOrElse(overwrite, () => true),
      concurrency: Math.max(1, (yield* WcsConfig).concurrency)
    }
    yield* Outcomes.gather(remote, Globs.nothing(source, globs), (outcomes) =>
      Effect.gen(function*() {
        const plan = yield* isUp ? Sync.planUp(job, outcomes) : Sync.planDown(job, outcomes)
        // A disk that is not mounted looks so, and a prefix that is misspelt.
        if (plan.isEmpty && plan.extras.length > 0) {
          const message = `no files are in ${source}: --delete would delete all ${plan.extras.length} of ${target}`
          return yield* isUp
            ? new EmptyFolder({ message, hint: `if they are to go: ${deletion(remote, globs)}` })
            : new UsageError({ message, hint: "if they are to go, delete them by rm" })
        }
        if (dryRun) {
          const outcome = isUp ? "would-upload" : "would-download"
          yield* Effect.forEach(plan.transfers, (file) => outcomes.add({ outcome, ...file }), { discard: true })
        } else {
          yield* plan.transfer
        }
        if (plan.extras.length > 0 && (yield* outcomes.failed) > 0) {
          const { note } = yield* Output
          return yield* outcomes.progress.above(note("nothing is deleted: not everything else went well"))
        }
        const remove = (file: Sync.File): ReturnType<typeof plan.remove> => dryRun ? Effect.void : plan.remove(file)
        const outcome = dryRun ? "would-delete" : "deleted"
        yield* Effect.forEach(plan.extras, (file) =>
          Effect.flatMap(
            Outcomes.settle(file, Effect.as(remove(file), { outcome, ...file } as const)),
            outcomes.add
          ), { concurrency: job.concurrency, discard: true })
      }))
  }))
