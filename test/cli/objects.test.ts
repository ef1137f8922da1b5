/** Objects: list, stat, del, mv, cp, setdeadline, prefetch. */
import { assert, layer } from "@effect/vitest"
import { Effect, Option } from "effect"
import { Fault } from "effect-wcs/testing"
import { bucket, emulator, inEmulator } from "../e2e/support/service.ts"
import { until } from "./support/files.ts"
import { fails, place, start, succeeds, wcscmd } from "./support/wcscmd.ts"

const put = (key: string, content = "hello world") =>
  inEmulator((emulator) => emulator.putObject({ bucket, key }, content))

const at = (key: string) => `wcs://${bucket}/${key}`

layer(emulator, { excludeTestServices: true })("wcscmd on objects", (it) => {
  it.scoped("stat describes an object", () =>
    Effect.gen(function*() {
      const here = yield* place
      yield* put("stat/a.txt")
      const human = yield* succeeds(here, "stat", at("stat/a.txt"))
      assert.match(human, /^size +11 B \(11 bytes\)$/m)
      assert.match(human, /^etag +FiqubDXJT8-0FdvpX0CLnOke6Ebt$/m)
      const json = JSON.parse(yield* succeeds(here, "stat", "--json", at("stat/a.txt")))
      assert.deepInclude(json, { key: "stat/a.txt", size: 11, etag: "FiqubDXJT8-0FdvpX0CLnOke6Ebt", expires: null })
      assert.match(
        yield* fails(here, 3, "stat", at("stat/missing")),
        /^wcscmd: stat: not found \(404\).*\[request \w+\]\n {2}/
      )
    }))

  it.scoped("ends by the code of the signal that stopped it", () =>
    Effect.gen(function*() {
      const here = yield* place
      yield* inEmulator((emulator) => emulator.addFault(Fault.on("stat", Fault.stall)))
      for (const [signal, code] of [["SIGINT", 130], ["SIGTERM", 143]] as const) {
        yield* inEmulator((emulator) => emulator.clearRequests)
        const { child, end } = yield* start("wcscmd", here, { arguments: ["stat", at("stalled")] })
        yield* until(inEmulator((emulator) => emulator.requests), (requests) => requests.length > 0)
        child.kill(signal)
        assert.deepStrictEqual(yield* end, { code, signal: null, stdout: "", stderr: "" })
      }
      yield* inEmulator((emulator) => emulator.clearFaults)
    }))

  it.scoped("list tells one page, and how to go on", () =>
    Effect.gen(function*() {
      const here = yield* place
      for (const key of ["list/a", "list/b", "list/c d"]) yield* put(key)
      const json = JSON.parse(yield* succeeds(here, "list", `wcs://${bucket}`, "--prefix", "list/", "--json"))
      assert.deepStrictEqual(json.objects.map(({ key }: { key: string }) => key), [
        "list/a",
        "list/b",
        "list/c d"
      ])
      assert.isNull(json.marker)
      const all = yield* succeeds(here, "listall", `wcs://${bucket}`, "--prefix=list/", "--limit", "1")
      assert.deepStrictEqual(all.trimEnd().split("\n").map((line) => line.slice(34)), [
        "list/a",
        "list/b",
        "list/c d"
      ])
      const none = { code: 0, signal: null, stdout: "" }
      const stderr = `wcs://${bucket} has no objects to list with the prefix no/\n`
      for (const file of [[], ["all.jsonl"]]) {
        const ended = yield* wcscmd(here, "listall", `wcs://${bucket}`, ...file, "--prefix", "no/")
        assert.deepStrictEqual(ended, { ...none, stderr })
      }
      const ended = yield* wcscmd(here, "list", `wcs://${bucket}`, "--prefix", "no/")
      assert.deepStrictEqual(ended, { ...none, stderr })
    }))

  it.scoped("mv, cp, del and setdeadline change what is there", () =>
    Effect.gen(function*() {
      const here = yield* place
      yield* put("mv/a")
      assert.strictEqual(
        yield* succeeds(here, "cp", at("mv/a"), at("mv/b")),
        `copied ${at("mv/a")} to ${at("mv/b")}\n`
      )
      yield* succeeds(here, "mv", at("mv/a"), at("mv/c"))
      yield* succeeds(here, "setdeadline", at("mv/c"), "3", "--relevance", "0")
      yield* succeeds(here, "setdeadline", at("mv/b"), "-1")
      yield* succeeds(here, "setdeadline", at("mv/b"), "\"-1\"")
      yield* succeeds(here, "del", at("mv/b"))
      const [a, b, c] = yield* Effect.forEach(["mv/a", "mv/b", "mv/c"], (key) =>
        inEmulator((emulator) => emulator.object({ bucket, key })))
      assert.deepStrictEqual(
        [a, b].map((found) =>
          Option.isSome(found ?? Option.none())
        ),
        [false, false]
      )
      assert.isDefined(Option.getOrThrow(c ?? Option.none()).expiresAt)
      assert.include(yield* fails(here, 3, "del", at("mv/b")), "; deletePrefix deletes all that is in a folder\n")
      // The quotes that the vendor's tool needs, around a variable that is not set, are no 0, which deletes.
      for (const days of ["1.5", "", "\"\"", "' '", "0x10"]) {
        assert.include(yield* fails(here, 2, "setdeadline", at("mv/c"), days), "DAYS is a whole number")
      }
    }))
})
