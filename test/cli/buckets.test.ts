/** Buckets: listbucket, bucketstat. */
import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { bucket, emulatorOf } from "../e2e/support/service.ts"
import { emulator, putAll } from "../support/emulated.ts"
import { fails, place, succeeds } from "./support/wcscmd.ts"

const lastQuery = emulator(({ requests }) =>
  Effect.map(requests, (all) => new URLSearchParams(all.at(-1)?.query ?? ""))
)

/** The service's day; its days begin in China. */
const day = (ago: number) => new Date(Date.now() + 8 * 3_600_000 - ago * 86_400_000).toISOString().slice(0, 10)

layer(emulatorOf({ buckets: [bucket, "archive"] }), { excludeTestServices: true })("wcscmd on buckets", (it) => {
  it.scoped("listbucket lists them", () =>
    Effect.gen(function*() {
      const here = yield* place
      assert.strictEqual(yield* succeeds(here, "listbucket"), `${bucket}\narchive\n`)
    }))

  it.scoped("bucketstat tells volumes, of yesterday and today where nothing is said", () =>
    Effect.gen(function*() {
      const here = yield* place
      yield* putAll(bucket, { a: "x".repeat(1024 * 1024) })
      const before = [day(1), day(0)]
      const human = yield* succeeds(here, "bucketstat", `${bucket}|archive`)
      const query = yield* lastQuery
      // Midnight may pass in between.
      assert.include([before.join(), [day(1), day(0)].join()], `${query.get("startdate")},${query.get("enddate")}`)
      assert.match(human, /^media {4}\d{4}-\d\d-\d\d {2}1\.000 MB\narchive {2}\d{4}-\d\d-\d\d {2}0\.000 MB\n$/)
      const span = ["--startdate", "2026-01-01", "--enddate=2026-01-03", "--islistdetails", "true"]
      const line = ["bucketstat", `wcs://${bucket}`, "archive", ...span, "--storagetype", "archive"]
      const json = JSON.parse(yield* succeeds(here, ...line, "--json"))
      assert.deepStrictEqual(json.buckets.map(({ name }: { name: string }) => name), [bucket, "archive"])
      assert.deepStrictEqual(json.buckets[1].detail.map(({ day }: { day: string }) => day), [
        "2026-01-01",
        "2026-01-02",
        "2026-01-03"
      ])
      assert.strictEqual(json.answer.code, "200")
      assert.deepStrictEqual([...yield* lastQuery].slice(1), [
        ["startdate", "2026-01-01"],
        ["enddate", "2026-01-03"],
        ["isListDetails", "true"],
        ["storageType", "Archive"]
      ])
    }))

  it.scoped("bucketstat --type tells statistics as they come", () =>
    Effect.gen(function*() {
      const here = yield* place
      const line = ["bucketstat", bucket, "--type", "uploadRequest"]
      assert.strictEqual(JSON.parse(yield* succeeds(here, ...line)).buckets[0].name, bucket)
      assert.strictEqual((yield* lastQuery).get("type"), "uploadRequest")
      assert.include(yield* fails(here, 2, ...line, "--storagetype", "1"), "--storagetype does not go with --type")
    }))

  it.scoped("bucketstat refuses what cannot be", () =>
    Effect.gen(function*() {
      const here = yield* place
      const bad = [
        ["--startdate=2026-02-30", "--startdate is a day such as 2026-01-31, not 2026-02-30"],
        ["--enddate=2001-01-01", "--enddate is not before --startdate "],
        ["--storagetype=cold", "--storagetype is one of Standard, InfrequentAccess, Archive, or a number"]
      ] as const
      for (const [option, message] of bad) {
        assert.include(yield* fails(here, 2, "bucketstat", bucket, option), `wcscmd: ${message}`)
      }
      const missing = yield* fails(here, 3, "bucketstat", "none")
      assert.include(missing, "\n  check the bucket: wcscmd listbucket\n")
    }))
})
