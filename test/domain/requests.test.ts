/** The requests of section 23.3 of the protocol notes, made from typed values. */
import { assert, describe, it } from "@effect/vitest"
import { DateTime, Either } from "effect"
import {
  BucketQueries,
  Entry,
  FileCommand,
  LiveQueries,
  LiveRecording,
  Management,
  MediaPipeline,
  MediaQueries,
  Retention,
  Signature,
  type Task,
  Tasks,
  type WcsRequest
} from "effect-wcs"

const entry = (bucket: string, key: string) => Either.getOrThrow(Entry.existing({ bucket, key }))
const bucket = (name: string) => Either.getOrThrow(Entry.bucketName(name))
const images = bucket("images")
const png = entry("images", "a.png")
const plain = { notifyUrl: undefined, separate: undefined, force: undefined }

const signed = ({ body, path, query }: WcsRequest.WcsRequest<unknown>): string =>
  Signature.managementText({ path, query, body: body._tag === "Text" ? body.text : "" })

const fmgr = (
  action: Tasks.FileAction,
  command: Either.Either<string, unknown>,
  envelope: Task.TaskOptions = {}
) => Tasks.fmgr(action, [Either.getOrThrow(command)], { ...plain, ...envelope })

const day = { from: "2024-01-01", to: "2024-01-31" }

const cases: ReadonlyArray<readonly [string, WcsRequest.WcsRequest<unknown>]> = [
  ["/bucket/list\n", BucketQueries.list],
  ["/move/aW1hZ2VzOmEucG5n/aW1hZ2VzOmIvYy5wbmc=\n", Management.move(png, entry("images", "b/c.png"))],
  ["/copy/aW1hZ2VzOmEucG5n/YmFja3VwOmEucG5n\n", Management.copy(png, entry("backup", "a.png"))],
  ["/setdeadline\nbucket=aW1hZ2Vz&key=YS5wbmc=&deadline=3&relevance=0", Management.setDeadline(png, 3, 0)],
  [
    "/fmgr/delete\nfops=bucket/aW1hZ2Vz/key/YS5wbmc=&separate=0",
    fmgr("delete", FileCommand.remove(png), { separate: false })
  ],
  [
    "/fmgr/fetch\nfops=fetchURL/aHR0cDovL3NyYy5leGFtcGxlLmNvbS8xLmRvYw==/bucket/aW1hZ2Vz/key/MS5kb2M=&notifyURL=aHR0cDovL2NiLmV4YW1wbGUuY29tL24=&separate=0&force=1",
    fmgr("fetch", FileCommand.fetch({ url: "http://src.example.com/1.doc", to: { bucket: "images", key: "1.doc" } }), {
      notifyUrl: "http://cb.example.com/n",
      separate: false,
      force: true
    })
  ],
  [
    "/fmgr/compress\nfops=bucket/aW1hZ2Vz/keys/YS5wbmc=|ZGlyLw==/saveas/aW1hZ2VzOm91dC56aXA=",
    fmgr(
      "compress",
      FileCommand.compress({ bucket: "images", keys: ["a.png", "dir/"], saveAs: { bucket: "images", key: "out.zip" } })
    )
  ],
  [
    "/fops\nbucket=aW1hZ2Vz&key=di5tcDQ=&fops=dmZyYW1lL2pwZy9vZmZzZXQvMXxzYXZlYXMvYVcxaFoyVnpPbll1YW5Cbg==&notifyURL=",
    Tasks.fops(
      entry("images", "v.mp4"),
      Either.getOrThrow(MediaPipeline.encode(
        MediaPipeline.vframe({ format: "jpg", offset: 1 }).pipe(
          MediaPipeline.saveAs({ bucket: "images", key: "v.jpg" })
        )
      )),
      plain
    )
  ],
  [
    "/imageDetect\nimage=aHR0cDovL2ltZy5leGFtcGxlLmNvbS9hLnBuZw==&type=porn&bucket=images",
    MediaQueries.imageDetect("http://img.example.com/a.png", "porn", images)
  ],
  [
    "/bucket/stat?name=aW1hZ2VzfGJhY2t1cA==&startdate=2024-01-01&enddate=2024-01-31&isListDetails=false\n",
    BucketQueries.stat({ buckets: [images, bucket("backup")], ...day }, { details: false, storageType: undefined })
  ],
  [
    "/bucket/statistics?name=aW1hZ2Vz&type=uploadRequest&startdate=2024-01-01&enddate=2024-01-31\n",
    BucketQueries.statistics({ buckets: [images], ...day }, { type: "uploadRequest", details: undefined })
  ],
  [
    "/wslive/list?channelname=ch1&startTime=20240101000000&endTime=20240102000000&bucket=images&start=1&limit=10\n",
    LiveQueries.list({
      bucket: images,
      channel: "ch1",
      from: DateTime.unsafeMakeZoned("2024-01-01T00:00:00+08:00", { timeZone: LiveRecording.zone }),
      to: DateTime.unsafeMake("2024-01-01T16:00:00Z"),
      start: 1,
      limit: 10
    })
  ],
  [
    "/prefetch/aW1hZ2VzOllTNXdibWM9fFlpOGpZeTV3Ym1jPQ==\n",
    Management.prefetch(images, [png.key, entry("b", "b/#c.png").key])
  ]
]

describe("a request signs", () => {
  for (const [text, request] of cases) {
    it(JSON.stringify(text.slice(0, 60)), () => {
      assert.strictEqual(signed(request), text)
    })
  }
})

it("status queries are not signed (protocol 2.4)", () => {
  const id = "1" as Parameters<typeof Tasks.fmgrStatus>[0]
  assert.strictEqual(Tasks.fmgrStatus(id).authorization._tag, "None")
  assert.strictEqual(Tasks.fopsStatus(id).authorization._tag, "None")
})

it("a retention is days, 0 or -1", () => {
  assert.deepStrictEqual(Retention.toDays(Retention.asSoonAsPossible), Either.right(0))
  assert.deepStrictEqual(Retention.toDays(Retention.forever), Either.right(-1))
  assert.deepStrictEqual(Retention.toDays(Retention.days(7)), Either.right(7))
  for (const days of [0, -1, 1.5, NaN, Infinity]) assert.isTrue(Either.isLeft(Retention.toDays(Retention.days(days))))
})
