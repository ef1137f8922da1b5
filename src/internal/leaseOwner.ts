import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import type { UploadId, UploadLease } from "../domain/UploadRecord.ts"
import { WcsProgressError } from "../domain/WcsError.ts"

/** How long an owner that shows no sign of life keeps its lease. */
export const leaseTime = Duration.seconds(30)

/** When a lease ends that is got or renewed now; both in milliseconds since the epoch. */
export const leaseEnd = (now: number): number => Math.ceil(now) + Duration.toMillis(leaseTime)

/** The name of an owner without the number of its upload. */
export const nameOf = (owner: string): string => owner.replace(/:\d+$/, "")

/** A program among all that may work on an upload. */
export class LeaseOwner extends Context.Reference<LeaseOwner>()("effect-wcs/internal/LeaseOwner", {
  defaultValue: (): {
    /** What the names of its owners begin with; a colon and a number of the upload's own follow. */
    readonly name: string
    /** Whether an owner is known to be dead. */
    readonly isDead: (owner: string) => boolean
    /** An owner in words. */
    readonly describe: (owner: string) => string
  } => ({
    name: "a program",
    isDead: () => false,
    describe: nameOf
  })
}) {}

/** The error of an upload whose lease is another's. */
export const busy = (
  me: LeaseOwner["Type"],
  uploadId: UploadId,
  { owner, until }: UploadLease,
  now: number
): WcsProgressError =>
  new WcsProgressError({
    reason: "Busy",
    uploadId,
    owner,
    until,
    detail: `${me.describe(owner)} works on it; it counts as dead in ${
      Math.ceil((until - now) / 1000)
    } s unless it shows a sign of life`
  })
