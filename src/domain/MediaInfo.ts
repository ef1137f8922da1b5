/**
 * What the service finds out about images, audio and video (protocol 9.1, 10).
 *
 * @since 0.1.0
 */
import type * as Option from "effect/Option"

/**
 * What an image is looked through for.
 *
 * @since 0.1.0
 * @category models
 */
export type DetectionType = "porn" | "terror" | "political"

/**
 * What was found. `label` is the service's number; of terror and political labels the meaning is unknown (protocol 9.1).
 *
 * @since 0.1.0
 * @category models
 */
export interface Finding {
  readonly label: number
  /** How sure the service is, 0 to 1. */
  readonly rate: Option.Option<number>
  /** Whether a person should look at it. */
  readonly review: boolean
}

/**
 * What porn detection found.
 *
 * @since 0.1.0
 * @category models
 */
export interface PornFinding extends Finding {
  readonly kind: "pornographic" | "sexy" | "normal" | "unknown"
}

/**
 * A person whom political detection found.
 *
 * @since 0.1.0
 * @category models
 */
export interface PersonFinding extends Omit<Finding, "label"> {
  readonly name: string
}

/**
 * What political detection found.
 *
 * @since 0.1.0
 * @category models
 */
export interface PoliticalFinding extends Pick<Finding, "label"> {
  readonly persons: ReadonlyArray<PersonFinding>
}

/**
 * The result for one image; what was not asked for is `None`.
 *
 * @since 0.1.0
 * @category models
 */
export interface ImageDetection {
  readonly image: string
  /** Why the image could not be looked at. */
  readonly error: Option.Option<string>
  readonly porn: Option.Option<PornFinding>
  readonly terror: Option.Option<Finding>
  readonly political: Option.Option<PoliticalFinding>
}

/**
 * An image's properties.
 *
 * @since 0.1.0
 * @category models
 */
export interface ImageInfo {
  readonly format: string
  /** Bytes. */
  readonly size: Option.Option<number>
  /** Pixels. */
  readonly width: number
  /** Pixels. */
  readonly height: number
  readonly colorModel: Option.Option<string>
}

/**
 * The EXIF tags of an image as they came: their layout is unknown (protocol 10).
 *
 * @since 0.1.0
 * @category models
 */
export interface Exif {
  readonly [tag: string]: unknown
}

/**
 * One stream of an audio or video file.
 *
 * @since 0.1.0
 * @category models
 */
export interface AvStream {
  /** `video`, `audio`, `subtitle`, … */
  readonly type: Option.Option<string>
  readonly codec: Option.Option<string>
  /** Seconds. */
  readonly duration: Option.Option<number>
  /** Bits per second. */
  readonly bitRate: Option.Option<number>
  /** Pixels. */
  readonly width: Option.Option<number>
  /** Pixels. */
  readonly height: Option.Option<number>
  /** Every member, as it came. */
  readonly fields: { readonly [name: string]: unknown }
}

/**
 * What an audio or video file holds.
 *
 * @since 0.1.0
 * @category models
 */
export interface AvInfo {
  readonly streams: ReadonlyArray<AvStream>
  /** The container's format. */
  readonly format: Option.Option<string>
  /** Seconds. */
  readonly duration: Option.Option<number>
  /** Bytes. */
  readonly size: Option.Option<number>
  /** Bits per second. */
  readonly bitRate: Option.Option<number>
  /** The whole answer, as it came. */
  readonly fields: { readonly [name: string]: unknown }
}
