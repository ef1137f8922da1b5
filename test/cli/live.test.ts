/** What was recorded of live channels: live. */
import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { bucket, emulatorOf } from "../e2e/support/service.ts"
import { emulator } from "../support/emulated.ts"
import { fails, place, succeeds } from "./support/wcscmd.ts"

/** An hour each from midnight in China on, over more pages than one. */
const recordings = Array.from({ length: 6 }, (_, n) => ({
  bucket,
  channel: "one",
  key: `one/${n}.mp4`,
  startTime: `202601310${n}0000`,
  endTime: `202601310${n + 1}0000`
}))

layer(emulatorOf({ recordings }), { excludeTestServices: true })("wcscmd on live channels", (it) => {
  it.scoped("live lists recordings, one on a line", () =>
    Effect.gen(function*() {
      const here = yield* place
      const live = ["live", `wcs://${bucket}`, "one", "--from"]
      const all = yield* succeeds(here, ...live, "2026-01-30T16:00:00Z", "--to", "20260131235959")
      assert.strictEqual(all.split("\n").length, 7)
      assert.include(all, "key=one/1.mp4  startTime=20260131010000  endTime=20260131020000\n")
      const some = yield* succeeds(
        here,
        ...live,
        "2026-01-30T15:00:00-02:00",
        "--to=2026-01-31T04:00",
        "--start",
        "2",
        "--limit=2",
        "--json"
      )
      assert.deepStrictEqual(some.trimEnd().split("\n").map((line) => JSON.parse(line).key), [
        "one/2.mp4",
        "one/3.mp4"
      ])
      const queries = yield* emulator(({ requests }) =>
        Effect.map(requests, (all) => all.map(({ query }) => /startTime=(\d+)&endTime=(\d+)/.exec(query)?.slice(1)))
      )
      assert.deepStrictEqual(queries.at(0), ["20260131000000", "20260131235959"])
      assert.deepStrictEqual(queries.at(-1), ["20260131010000", "20260131040000"])
      assert.strictEqual(yield* succeeds(here, ...live, "2026-01-31", "--to", "2026-02-01", "--start", "9"), "")
    }))

  it.scoped("a time that is none is refused", () =>
    Effect.gen(function*() {
      const here = yield* place
      const live = ["live", `wcs://${bucket}`, "one", "--to", "20260131000000", "--from"]
      assert.match(
        yield* fails(here, 2, ...live, "20260230000000"),
        /^wcscmd: --from is a time such as .*, not 20260230000000\n$/
      )
      assert.include(yield* fails(here, 2, ...live, "2026-01-01"), "to: is at most seven days after from")
    }))
})
