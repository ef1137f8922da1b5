/**
 * What is remembered of an upload: the blocks that the service has accepted, in the official SDK's format, and a
 * manifest of our own that says which upload it is (protocol 16).
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import * as Schema from "effect/Schema"

/**
 * The name of an upload, also sent as `UploadBatch`: 1 to 128 visible ASCII characters or blanks inside, and no path
 * trick, since it names a folder.
 *
 * @since 0.1.0
 * @category schemas
 */
export const UploadId = Schema.String.pipe(
  Schema.pattern(/^(?!\.)[\w.~+=@-](?:[\w .~+=@-]{0,126}[\w.~+=@-])?$/, {
    message: () => "an upload id is 1 to 128 letters, digits, blanks or any of _.~+=@- and does not begin with a dot"
  }),
  Schema.brand("effect-wcs/UploadId")
)

/**
 * @since 0.1.0
 * @category models
 */
export type UploadId = typeof UploadId.Type

/**
 * A block that the service has accepted.
 *
 * @since 0.1.0
 * @category schemas
 */
export const BlockRecord = Schema.Struct({
  offset: Schema.NonNegativeInt,
  size: Schema.Int.pipe(Schema.positive()),
  ctx: Schema.NonEmptyString,
  /** The SHA-1 digests of the block's 4 MiB pieces in Base64, to notice an edited file; absent in foreign records. */
  pieces: Schema.optionalWith(Schema.Array(Schema.String), { exact: true })
})

/**
 * @since 0.1.0
 * @category models
 */
export interface BlockRecord extends Schema.Schema.Type<typeof BlockRecord> {}

/**
 * Which upload a record belongs to.
 *
 * @since 0.1.0
 * @category schemas
 */
export const UploadManifest = Schema.Struct({
  bucket: Schema.String,
  key: Schema.String,
  /** Bytes in all; absent for a stream of unknown length. */
  size: Schema.optionalWith(Schema.NonNegativeInt, { exact: true }),
  blockSize: Schema.Int.pipe(Schema.positive()),
  /** What tells this content from another of the same size: for a file its path and modification time. */
  source: Schema.String
})

/**
 * @since 0.1.0
 * @category models
 */
export interface UploadManifest extends Schema.Schema.Type<typeof UploadManifest> {}

/**
 * What to do about an upload on which somebody else works: give up, wait until that has ended, or send the blocks that
 * the other has not and then wait.
 *
 * @since 0.1.0
 * @category schemas
 */
export const OnBusy = Schema.Literal("refuse", "wait", "join")

/**
 * @since 0.1.0
 * @category models
 */
export type OnBusy = typeof OnBusy.Type

/**
 * Who works on an upload, and until when without a sign of life.
 *
 * @since 0.1.0
 * @category schemas
 */
export const UploadLease = Schema.Struct({
  owner: Schema.String,
  /** Milliseconds since the epoch. */
  until: Schema.Int,
  /** Whether somebody sends blocks beside the owner. */
  shared: Schema.Boolean
})

/**
 * @since 0.1.0
 * @category models
 */
export interface UploadLease extends Schema.Schema.Type<typeof UploadLease> {}

/**
 * What is asked of a lease.
 *
 * @since 0.1.0
 * @category models
 */
export interface LeaseClaim {
  readonly owner: string
  /** Milliseconds since the epoch. */
  readonly until: number
  /** An owner that is known to be dead: its lease does not count. */
  readonly dead?: string | undefined
  /** Not the lease is wanted, but that its owner knows of somebody beside it. */
  readonly join?: boolean | undefined
}

/**
 * The lease after a claim. It is the claimant's when nobody holds it, or when it was its own already.
 *
 * @since 0.1.0
 * @category combinators
 */
export const grant = (current: UploadLease | undefined, claim: LeaseClaim, now: number): UploadLease => {
  const { dead, join = false, owner, until } = claim
  const running = current !== undefined && current.until > now && current.owner !== dead
  return running && current.owner !== owner
    ? { ...current, shared: current.shared || join }
    : { owner, until, shared: running && current.shared }
}

/**
 * All that is known of an upload.
 *
 * @since 0.1.0
 * @category models
 */
export interface UploadRecord {
  /** Absent in a record of the official SDK. */
  readonly manifest?: UploadManifest | undefined
  readonly blocks: ReadonlyArray<BlockRecord>
  /** Offsets of records that say that a block was not accepted, or that cannot be read: those blocks are sent again. */
  readonly unusable: ReadonlyArray<number>
  /** Whether a mkfile may have reached the service. */
  readonly finishing: boolean
}

/**
 * Whether there is nothing in a record to resume: it was begun by us, and no block was accepted.
 *
 * @since 0.1.0
 * @category guards
 */
export const isEmpty = ({ blocks, finishing, manifest }: UploadRecord): boolean =>
  manifest !== undefined && blocks.length === 0 && !finishing

/**
 * Fits a record to an upload: the accepted blocks by index, or why the record is of another upload.
 *
 * @since 0.1.0
 * @category combinators
 */
export const fit = (
  record: UploadRecord,
  manifest: UploadManifest
): Either.Either<ReadonlyMap<number, BlockRecord>, string> => {
  const mine = record.manifest
  const field = mine &&
    (["bucket", "key", "size", "blockSize", "source"] as const).find((name) => mine[name] !== manifest[name])
  if (mine && field) return Either.left(`it was begun with another ${field}: ${mine[field]}, now ${manifest[field]}`)
  const { blockSize, size } = manifest
  const accepted = new Map<number, BlockRecord>()
  const offsets = [...record.unusable, ...record.blocks.map((block) => block.offset)]
  const foreign = offsets.find((offset) => offset % blockSize !== 0 || (size !== undefined && offset >= size))
  if (foreign !== undefined) return Either.left(`it has a block at ${foreign}, where this upload has none`)
  for (const block of record.blocks) {
    const expected = size === undefined ? Math.min(blockSize, block.size) : Math.min(blockSize, size - block.offset)
    if (block.size !== expected) {
      return Either.left(`its block at ${block.offset} has ${block.size} bytes, this upload's has ${expected}`)
    }
    accepted.set(block.offset / blockSize, block)
  }
  return Either.right(accepted)
}
