/**
 * The memory of uploads: which blocks the service has accepted. There is no call that asks the service for it, so this
 * record is the only way to resume (protocol 5.4).
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type * as Option from "effect/Option"
import type {
  BlockRecord,
  LeaseClaim,
  UploadId,
  UploadLease,
  UploadManifest,
  UploadRecord
} from "../domain/UploadRecord.ts"
import type { WcsProgressError } from "../domain/WcsError.ts"

/**
 * Remembers uploads. Layers: `ProgressStoreMemory`, `ProgressStoreDirectory`, `ProgressStoreKeyValue`.
 *
 * Each write is one step: a crash leaves what was or what is new, never a half of it. Writes of one upload may come
 * from several fibers at once.
 *
 * @since 0.1.0
 * @category services
 */
export class ProgressStore extends Context.Tag("effect-wcs/ProgressStore")<ProgressStore, {
  /** `None` for an unknown upload. A store that cannot be read fails; a single record that cannot is `unusable`. */
  readonly load: (id: UploadId) => Effect.Effect<Option.Option<UploadRecord>, WcsProgressError>
  /** Begins a record, in place of any that has this id. */
  readonly begin: (id: UploadId, manifest: UploadManifest) => Effect.Effect<void, WcsProgressError>
  /** Adds or replaces one block. */
  readonly accept: (id: UploadId, block: BlockRecord) => Effect.Effect<void, WcsProgressError>
  /** Notes that a mkfile is about to be sent. */
  readonly finishing: (id: UploadId) => Effect.Effect<void, WcsProgressError>
  /** Takes that note back: the mkfile was refused, so that none is on its way; nothing happens when there is none. */
  readonly refused: (id: UploadId) => Effect.Effect<void, WcsProgressError>
  /** Forgets the upload, and its lease with it; nothing happens when there is none. */
  readonly forget: (id: UploadId) => Effect.Effect<void, WcsProgressError>
  /**
   * Asks for the lease of an upload, or renews it: the answer is the lease as it then is, the claimant's or another's.
   * An upload can have a lease before it is remembered.
   */
  readonly claim: (id: UploadId, claim: LeaseClaim) => Effect.Effect<UploadLease, WcsProgressError>
  /**
   * Gives an owner's lease back, and forgets an upload that was begun and has no block; nothing happens when the lease is
   * another's.
   */
  readonly release: (id: UploadId, owner: string) => Effect.Effect<void, WcsProgressError>
  /** The uploads that are remembered, in no particular order. */
  readonly list: Effect.Effect<ReadonlyArray<UploadId>, WcsProgressError>
}>() {}
