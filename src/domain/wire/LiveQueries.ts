/**
 * The request about recordings of live channels (protocol 9.2).
 *
 * @since 0.1.0
 */
import type * as DateTime from "effect/DateTime"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import type { BucketName } from "../Entry.ts"
import * as LiveRecording from "../LiveRecording.ts"
import { Members } from "./Fields.ts"
import { type Answer, get, json, query, type WcsRequest } from "./WcsRequest.ts"

/**
 * Which recordings are asked for, checked.
 *
 * @since 0.1.0
 * @category models
 */
export interface LiveListing {
  readonly bucket: BucketName
  readonly channel: string
  readonly from: DateTime.DateTime
  readonly to: DateTime.DateTime
  /** Number of the first recording, counted from 1. */
  readonly start: number | undefined
  readonly limit: number | undefined
}

const readMembers = json(Members)

const recordings = Schema.decodeUnknownOption(Schema.Array(Members))

/** The members are not documented: the longest list of objects is taken for the recordings. */
const page = (answer: Answer): Either.Either<LiveRecording.LivePage, string> =>
  Either.flatMap(readMembers(answer), (members) => {
    const lists = Object.values(members).flatMap((member) => Option.toArray(recordings(member)))
    const [longest] = lists.toSorted((a, b) => b.length - a.length)
    return longest === undefined
      ? Either.left("no list of recordings")
      : Either.right({ recordings: longest, answer: members })
  })

/**
 * Recordings of a channel (protocol 9.2).
 *
 * @since 0.1.0
 * @category requests
 */
export const list = (listing: LiveListing): WcsRequest<LiveRecording.LivePage> =>
  get("wslive/list", {
    path: "/wslive/list",
    target: listing.bucket,
    query: query([
      ["channelname", listing.channel],
      ["startTime", LiveRecording.formatTime(listing.from)],
      ["endTime", LiveRecording.formatTime(listing.to)],
      ["bucket", listing.bucket],
      ["start", listing.start],
      ["limit", listing.limit]
    ])
  }, page)
