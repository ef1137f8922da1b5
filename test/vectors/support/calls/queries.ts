import { Effect } from "effect"
import { Buckets } from "../../../../src/services/Buckets.ts"
import { Live } from "../../../../src/services/Live.ts"
import { Media } from "../../../../src/services/Media.ts"
import { type Args, type Methods, optional } from "./methods.ts"

const flags: { readonly [text: string]: boolean } = { true: true, false: false }

const span = (args: Args) => ({
  buckets: args["name"].split("|"),
  from: args["startdate"],
  to: args["enddate"],
  ...optional("details", flags[args["isListDetails"]])
})

/** `yyyyMMddHHmmss` in China. */
const instant = (text: string) =>
  new Date(text.replace(/^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)$/, "$1-$2-$3T$4:$5:$6+08:00"))

const count = (value: string | number | undefined) => value === undefined ? undefined : Number(value)

export const queries: Methods = {
  list_buckets: () => Effect.flatMap(Buckets, (buckets) => buckets.list),
  bucket_stat: (args) =>
    Effect.flatMap(
      Buckets,
      (buckets) => buckets.stat({ ...span(args), ...optional("storageType", args["storageType"]) })
    ),
  bucket_statistics: (args) =>
    Effect.flatMap(Buckets, (buckets) => buckets.statistics({ ...span(args), type: args["stype"] })),
  image_detect: ({ bucket, dtype, image }) =>
    Effect.flatMap(Media, (media) => media.detect({ image, type: dtype, bucket })),
  wslive_list: (args) =>
    Effect.flatMap(Live, (live) =>
      live.list({
        bucket: args["bucket"],
        channel: args["channelname"],
        from: instant(args["startTime"]),
        to: instant(args["endTime"]),
        ...optional("start", count(args["start"])),
        ...optional("limit", count(args["limit"]))
      }))
}
