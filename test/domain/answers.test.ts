/** Answers whose members come in two types each: numbers as text, codes as either, flags as text (protocol 1.3, 17.2). */
import { assert, describe, it } from "@effect/vitest"
import { Either, FastCheck, Option } from "effect"
import { BucketQueries, Entry, MediaQueries, Task, Tasks } from "effect-wcs"

const answer = (value: unknown) => ({ status: 200, headers: {}, text: JSON.stringify(value) })
const entry = Either.getOrThrow(Entry.existing({ bucket: "b", key: "k" }))
const bucket = entry.bucket
const days = { buckets: [bucket], from: "2026-01-01", to: "2026-01-02" }

/** A number as itself and as text. */
const both = FastCheck.boolean().map((asText) => (n: number) => asText ? String(n) : n)

describe("a task", () => {
  const read = (value: unknown) => Either.getOrThrow(Tasks.decode(answer(value)))

  it.prop("has numbers or text", [both, both, FastCheck.nat(3), FastCheck.nat()], ([task, item, code, size]) => {
    const status = read({
      id: task(7),
      code: task(3),
      desc: null,
      inputbucket: "in",
      inputkey: "v.mp4",
      inputfsize: item(size),
      items: [{
        cmd: "c",
        code: item(code),
        desc: "d",
        error: null,
        hash: "h",
        fsize: item(size),
        key: "k",
        url: "u",
        extra: 1
      }]
    })
    assert.strictEqual(status.id, "7")
    assert.strictEqual(status.state, "done")
    assert.strictEqual(status.description, "")
    assert.deepStrictEqual(status.source, Option.some({ bucket: "in", key: "v.mp4", size: Option.some(size) }))
    const [first] = status.items
    assert.strictEqual(first?.state, (["waiting", "running", "failed", "succeeded"] as const)[code])
    assert.deepStrictEqual(first?.size, Option.some(size))
    assert.deepStrictEqual(first?.error, Option.none())
    assert.strictEqual(first?.fields["extra"], 1)
    assert.lengthOf(Task.report(status).succeeded, code === 3 ? 1 : 0)
    assert.lengthOf(Task.report(status).failed, code === 3 ? 0 : 1)
  })

  it("ends from code 3 on; a code of no state has ended, too", () => {
    const ended = (code: unknown) => Task.hasEnded(read({ id: "1", code, items: [] }))
    assert.deepStrictEqual([0, 1, 2, 3, 4, 5, 6, 7, "1", "3"].map(ended), [
      false,
      false,
      true,
      true,
      true,
      true,
      true,
      true,
      false,
      true
    ])
  })

  for (const broken of [{}, { id: "1" }, { id: "1", code: "done" }, { id: "1", code: -1 }, [], "x"]) {
    it(`is not ${JSON.stringify(broken)}`, () => assert.isTrue(Either.isLeft(Tasks.decode(answer(broken)))))
  }
})

describe("buckets", () => {
  it("come as names or as objects", () => {
    assert.deepStrictEqual(
      BucketQueries.list.decode(answer({ code: "200", buckets: ["a", { name: "b" }] })),
      Either.right([{ name: "a" }, { name: "b" }])
    )
  })

  it.prop("hold numbers or text", [both], ([number]) => {
    const value = {
      buckets: [{ name: "b", detail: [{ data_time: "2026-01-01", storage: number(12.345) }] }],
      code: number(200)
    }
    assert.deepStrictEqual(
      BucketQueries.stat(days, { details: true, storageType: undefined }).decode(answer(value)),
      Either.right({
        buckets: [{ name: "b", detail: [{ day: "2026-01-01", megabytes: Option.some(12.345) }] }],
        answer: value
      })
    )
  })
})

describe("volumes", () => {
  it("an odd value loses no other one", () => {
    const value = {
      buckets: [
        {
          name: "a",
          detail: [{ data_time: "2026-01-01", storage: "-" }, null, { data_time: null, storage: "2" }, {
            data_time: 20260103,
            storage: 3
          }]
        },
        "no bucket",
        { name: "b", detail: { storage: "4" } },
        { detail: [] },
        { name: "d", detail: [{ data_time: "2026-01-01", storage: 5 }] }
      ]
    }
    assert.deepStrictEqual(
      BucketQueries.stat(days, { details: true, storageType: undefined }).decode(answer(value)),
      Either.right({
        buckets: [
          {
            name: "a",
            detail: [
              { day: "2026-01-01", megabytes: Option.none() },
              { day: "", megabytes: Option.some(2) },
              { day: "20260103", megabytes: Option.some(3) }
            ]
          },
          { name: "b", detail: [] },
          { name: "d", detail: [{ day: "2026-01-01", megabytes: Option.some(5) }] }
        ],
        answer: value
      })
    )
  })
})

describe("media", () => {
  it.prop(
    "an image's sizes are numbers or text",
    [both, FastCheck.nat(), FastCheck.nat()],
    ([number, width, height]) => {
      assert.deepStrictEqual(
        MediaQueries.imageInfo(entry).decode(
          answer({ format: "png", size: number(9), width: number(width), height: number(height), colorModel: null })
        ),
        Either.right({ format: "png", size: Option.some(9), width, height, colorModel: Option.none() })
      )
    }
  )

  it.prop("a finding has numbers, text or neither", [both, FastCheck.nat(3)], ([number, label]) => {
    const read = (result: unknown) =>
      Either.getOrThrow(
        MediaQueries.imageDetect("http://a.test/x", "porn", bucket).decode(answer({ results: [result] }))
      )
    const { political, porn, terror } = read({
      image: "x",
      pornDetect: { label: number(label), rate: number(0.5), review: "true" },
      terrorDetect: { label: number(1) },
      politicalDetect: { label: number(0), persons: [{ name: "n", rate: number(0.25), review: false }] }
    })
    assert.deepStrictEqual(
      porn,
      Option.some({
        label,
        rate: Option.some(0.5),
        review: true,
        kind: (["pornographic", "sexy", "normal"] as const)[label] ?? "unknown"
      })
    )
    assert.deepStrictEqual(terror, Option.some({ label: 1, rate: Option.none(), review: false }))
    assert.deepStrictEqual(
      political,
      Option.some({ label: 0, persons: [{ name: "n", rate: Option.some(0.25), review: false }] })
    )
    assert.deepStrictEqual(read({ errMessage: "no image" }).error, Option.some("no image"))
  })

  it.prop("streams have numbers or text", [both], ([number]) => {
    const value = {
      streams: [{
        codec_type: "video",
        codec_name: "h264",
        width: number(640),
        height: number(360),
        duration: number(1.5)
      }],
      format: { format_name: "mp4", size: number(99), duration: number(1.5), bit_rate: number(1000) }
    }
    const info = Either.getOrThrow(MediaQueries.avinfo(entry).decode(answer(value)))
    assert.deepStrictEqual([info.size, info.duration, info.bitRate], [99, 1.5, 1000].map(Option.some))
    assert.deepStrictEqual([info.streams[0]?.width, info.streams[0]?.height], [640, 360].map(Option.some))
    assert.deepStrictEqual(info.fields, value)
  })
})
