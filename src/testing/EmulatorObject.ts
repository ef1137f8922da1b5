/**
 * What an emulator holds, as it tells of it and as it is given it.
 *
 * @since 0.1.0
 */

/**
 * An object that is stored.
 *
 * @since 0.1.0
 * @category models
 */
export interface EmulatorObject {
  readonly bucket: string
  readonly key: string
  /** Bytes. */
  readonly size: number
  readonly etag: string
  readonly mimeType: string
  /** When it was stored, in milliseconds since the epoch. */
  readonly putTime: number
  /** When it is deleted; absent: never. */
  readonly expiresAt?: number | undefined
}

/**
 * How an object is stored.
 *
 * @since 0.1.0
 * @category models
 */
export interface PutOptions {
  /** Default: what the key suggests. */
  readonly mimeType?: string | undefined
  /** After how many days it is deleted; absent: never. */
  readonly retentionDays?: number | undefined
}

/**
 * An object to store.
 *
 * @since 0.1.0
 * @category models
 */
export interface EmulatorFile extends Pick<PutOptions, "mimeType"> {
  readonly key: string
  readonly content: string | Uint8Array
}

/**
 * A block that may become part of an object.
 *
 * @since 0.1.0
 * @category models
 */
export interface EmulatorBlock {
  /** The one ctx that holds. */
  readonly ctx: string
  /** `UploadBatch`; empty for none. */
  readonly batch: string
  readonly bucket: string
  /** Its index in the object. */
  readonly order: number
  /** Bytes in all. */
  readonly size: number
  /** Bytes that have arrived. */
  readonly received: number
}
