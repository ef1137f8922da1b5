import type { PlatformError } from "@effect/platform/Error"
import type * as FileSystem from "@effect/platform/FileSystem"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { grant, type LeaseClaim, type UploadId, UploadLease } from "../domain/UploadRecord.ts"
import { ifThere, isThere, type RecordFiles } from "./recordFiles.ts"

/** Leases are small. */
const maxBytes = 4096
const encode = Schema.encodeSync(Schema.parseJson(UploadLease))
const decode = Schema.decodeOption(Schema.parseJson(UploadLease))

/** Leases of uploads in files, one each. */
export interface LeaseFiles {
  readonly claim: (id: UploadId, claim: LeaseClaim) => Effect.Effect<UploadLease, PlatformError>
  readonly release: (id: UploadId, owner: string) => Effect.Effect<void, PlatformError>
}

/** `leaseOf`: the file of an upload's lease. In one process the calls for an upload come one after another. */
export const make = (
  fs: FileSystem.FileSystem,
  { replace, temporary, text, write }: RecordFiles,
  leaseOf: (id: UploadId) => string
): LeaseFiles => {
  /** The lease that is there, with its text. One that cannot be read is nobody's, and so is a link, also to nothing. */
  const read = (path: string) =>
    Effect.gen(function*() {
      const linked = yield* Effect.isSuccess(fs.readLink(path))
      const found = linked ? Option.none() : yield* ifThere(text(path, maxBytes))
      const content = Option.getOrElse(Option.flatten(found), () => "")
      return { there: linked || Option.isSome(found), content, lease: Option.getOrUndefined(decode(content)) }
    })

  /**
   * A lease whose time is over is moved away, and only if it is still the one that was seen: of several that want it
   * one makes the new file.
   */
  const take = (id: UploadId, seen: { readonly there: boolean; readonly content: string }, lease: UploadLease) =>
    Effect.gen(function*() {
      if (seen.there) {
        const away = yield* temporary(id)
        yield* ifThere(fs.rename(leaseOf(id), away))
        const moved = yield* read(away)
        if (moved.there && moved.content !== seen.content) {
          yield* fs.rename(away, leaseOf(id))
          return false
        }
        yield* fs.remove(away, { force: true, recursive: true })
      }
      return yield* write(leaseOf(id), encode(lease), "wx").pipe(
        Effect.as(true),
        Effect.catchIf(isThere, () => Effect.succeed(false))
      )
    })

  const claim: LeaseFiles["claim"] = (id, asked) =>
    Effect.gen(function*() {
      const seen = yield* read(leaseOf(id))
      const lease = grant(seen.lease, asked, yield* Clock.currentTimeMillis)
      const { owner } = seen.lease ?? {}
      if (lease.owner === owner) {
        if (owner === asked.owner || lease.shared !== seen.lease?.shared) {
          yield* replace(id, leaseOf(id), encode(lease))
        }
        return lease
      }
      return (yield* take(id, seen, lease)) ? lease : yield* claim(id, asked)
    })

  return {
    claim,
    release: (id, owner) =>
      Effect.flatMap(
        read(leaseOf(id)),
        ({ lease }) => lease?.owner === owner ? fs.remove(leaseOf(id), { force: true }) : Effect.void
      )
  }
}
