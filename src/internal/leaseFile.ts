import type { PlatformError } from "@effect/platform/Error"
import type * as FileSystem from "@effect/platform/FileSystem"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { grant, type LeaseClaim, type UploadId, UploadLease } from "../domain/UploadRecord.ts"
import { ifThere, isLink, isThere, type RecordFiles } from "./recordFiles.ts"
import { stillFor } from "./stillFor.ts"

/** In milliseconds: to take over a lease is to write one small file. */
const longestTaking = 30_000

/** Leases are small. */
const maxBytes = 4096
const encode = Schema.encodeSync(Schema.parseJson(UploadLease))
const decode = Schema.decodeOption(Schema.parseJson(UploadLease))

/** Leases of uploads in files, one each. */
export interface LeaseFiles {
  readonly claim: (id: UploadId, claim: LeaseClaim) => Effect.Effect<UploadLease, PlatformError>
  /** Gives an owner's lease back, after `last`; nothing happens when it is another's. */
  readonly release: (
    id: UploadId,
    owner: string,
    last: Effect.Effect<void, PlatformError>
  ) => Effect.Effect<void, PlatformError>
}

/** In one process the calls for an upload come one after another. */
export const make = (
  fs: FileSystem.FileSystem,
  { leaseOf, temporaryFor, replace, text, write }: RecordFiles
): LeaseFiles => {
  /** The lease that is there, with its text. One that cannot be read is nobody's, and so is a link, also to nothing. */
  const read = (path: string) =>
    Effect.gen(function*() {
      const linked = yield* isLink(fs, path)
      const found = linked ? Option.none() : yield* ifThere(text(path, maxBytes))
      const content = Option.getOrElse(Option.flatten(found), () => "")
      return { there: linked || Option.isSome(found), content, lease: Option.getOrUndefined(decode(content)) }
    })

  /** Runs as the only one that takes over a lease; `None` while another does. */
  const taking = <A>(id: UploadId, body: Effect.Effect<A, PlatformError>): Effect.Effect<
    Option.Option<A>,
    PlatformError
  > => {
    const mark = temporaryFor(id, "taking")
    const unmark = fs.remove(mark, { force: true })
    const isOld = Effect.map(stillFor(fs, mark), Option.exists((still) => still > longestTaking))
    return write(mark, "", "wx").pipe(
      Effect.zipRight(Effect.ensuring(Effect.asSome(body), Effect.ignore(unmark))),
      Effect.catchIf(isThere, () =>
        Effect.zipRight(
          // That of a program that was killed while it took one.
          Effect.whenEffect(unmark, isOld),
          Effect.succeedNone
        ))
    )
  }

  /** Makes the lease that is wanted, if there still is what was seen; `None` while another is about to. */
  const take = (id: UploadId, seen: { readonly there: boolean; readonly content: string }, lease: UploadLease) =>
    seen.there
      ? taking(
        id,
        Effect.gen(function*() {
          const now = yield* read(leaseOf(id))
          if (!now.there || now.content !== seen.content) return false
          // It may be a folder.
          if (now.lease === undefined) yield* fs.remove(leaseOf(id), { force: true, recursive: true })
          yield* replace(id, leaseOf(id), encode(lease))
          return true
        })
      )
      : write(leaseOf(id), encode(lease), "wx").pipe(
        Effect.as(Option.some(true)),
        Effect.catchIf(isThere, () => Effect.succeedSome(false))
      )

  const claim: LeaseFiles["claim"] = (id, asked) =>
    Effect.gen(function*() {
      const seen = yield* read(leaseOf(id))
      const now = yield* Clock.currentTimeMillis
      const lease = grant(seen.lease, asked, now)
      const { owner, shared, until = 0 } = seen.lease ?? {}
      if (owner === lease.owner && owner !== asked.owner && shared === lease.shared) return lease
      // Nobody else takes a lease whose time is not over.
      if (owner === asked.owner && now < until) return yield* Effect.as(replace(id, leaseOf(id), encode(lease)), lease)
      const taken = yield* take(id, seen, lease)
      if (Option.isNone(taken)) return seen.lease ?? { ...lease, owner: "another" }
      return taken.value ? lease : yield* claim(id, asked)
    })

  return {
    claim,
    release: (id, owner, last) =>
      Effect.flatMap(
        read(leaseOf(id)),
        ({ lease }) =>
          lease?.owner === owner
            ? Effect.flatten(Effect.zipLeft(Effect.exit(last), fs.remove(leaseOf(id), { force: true })))
            : Effect.void
      )
  }
}
