/** Tasks of the service: deletePrefix, fetch, compress, deletem3u8, fops, fmgrStatus, fopsStatus. */
import { assert, layer } from "@effect/vitest"
import { Effect, Schedule } from "effect"
import type { EmulatorOptions } from "effect-wcs/testing"
import { bucket, emulatorOf } from "../e2e/support/service.ts"
import { contentOf, keysOf, operations, putAll } from "../support/emulated.ts"
import { fails, place, start, succeeds, wcscmd } from "./support/wcscmd.ts"

const at = (key: string) => `wcs://${bucket}/${key}`

const inBucket = (folder: string) =>
  Effect.map(keysOf(bucket), (keys) => keys.filter((key) => key.startsWith(`${folder}/`)))

/** What other servers were asked. */
const asked: Array<string> = []

const options: EmulatorOptions.EmulatorOptions = {
  fetchHosts: ["src.test"],
  web: ({ method, url }) =>
    Effect.sync(() => {
      asked.push(`${method} ${url}`)
      return url.endsWith("/none") ? { status: 404, body: "" } : { status: 200, body: `content of ${url}` }
    }),
  process: (command) =>
    command.startsWith("avthumb")
      ? Effect.fail("no such codec")
      : Effect.succeed({ content: command, mimeType: "image/jpeg" })
}

interface Item {
  readonly [member: string]: unknown
}

layer(emulatorOf(options), { excludeTestServices: true })("wcscmd on tasks", (it) => {
  it.scoped("fetch starts a task, or waits for its end", () =>
    Effect.gen(function*() {
      const here = yield* place
      const report = JSON.parse(
        yield* succeeds(here, "fetch", "http://src.test/a.txt", at("a.txt"), "--prefix", "fetch", "--wait", "--json")
      )
      assert.deepInclude(report, { state: "done", source: null })
      assert.deepInclude(report.items[0], { state: "succeeded", key: "fetch/a.txt", size: 32, error: null })
      assert.strictEqual(report.items[0].fields.key, "fetch/a.txt")
      assert.strictEqual(
        (yield* contentOf({ bucket, key: "fetch/a.txt" })).toString(),
        "content of http://src.test/a.txt"
      )
      const failed = yield* wcscmd(here, "fetch", "http://src.test/none", at("fetch/b"), "--wait", "--timeout", "60")
      assert.strictEqual(failed.code, 8)
      assert.match(
        failed.stdout,
        /^task {3}\w+\nstate {2}done \(.*\)\n\nfailed {2}- {2}- {2}.*404: fetchURL\/http:\/\/src\.test\/none\/bucket\/media\/key\/fetch\/b\n$/
      )
      assert.match(failed.stderr, /^wcscmd: 1 of 1 command of task \w+ failed\n$/)
      assert.include(
        yield* fails(here, 3, "fetch", "http://src.test/a.txt", "wcs://none/a"),
        "\n  check the bucket: wcscmd listbucket\n"
      )
    }))

  it.scoped("deletePrefix tells an id, which fmgrStatus explains", () =>
    Effect.gen(function*() {
      const here = yield* place
      yield* putAll(bucket, { "prefix/one/a": "1", "prefix/one/b": "2", "prefix/two/c": "3", "prefix/three/d": "4" })
      const id = (yield* succeeds(
        here,
        "--notify=http://told.test/",
        "deletePrefix",
        `wcs://${bucket}`,
        "prefix/one",
        "prefix/two",
        "--list-to",
        at("prefix/deleted.txt"),
        "--separate",
        "1"
      )).trimEnd()
      assert.match(id, /^\w{20,}$/)
      const told = yield* succeeds(here, "fmgrStatus", id, "--wait")
      assert.match(told, /^succeeded .* bucket\/media\/prefix\/prefix\/two\/output\/media:prefix\/deleted\.txt$/m)
      assert.deepStrictEqual(yield* inBucket("prefix"), ["prefix/deleted.txt", "prefix/three/d"])
      assert.deepStrictEqual(asked.filter((url) => url === "POST http://told.test/"), [
        "POST http://told.test/",
        "POST http://told.test/"
      ])
      assert.include(
        yield* fails(here, 2, "deletePrefix", `wcs://${bucket}`, "p", "--list-to", `wcs://${bucket}`),
        "--list-to: there is no object in"
      )
    }))

  it.scoped("compress and deletem3u8 take many keys", () =>
    Effect.gen(function*() {
      const here = yield* place
      yield* putAll(bucket, { "zip/a": "1", "zip/in/b": "2", "zip/one.m3u8": "#EXTM3U\n0.ts\n", "zip/0.ts": "s" })
      const packed = yield* succeeds(here, "compress", at("zip/t.zip"), "zip/a", "zip/in/", "--wait")
      assert.match(packed, /^succeeded {2}zip\/t\.zip {2}\d+ B {2}bucket\/media\/keys\//m)
      assert.strictEqual((yield* contentOf({ bucket, key: "zip/t.zip" })).subarray(0, 2).toString(), "PK")
      const id = JSON.parse(yield* succeeds(here, "deletem3u8", at("zip/one.m3u8"), at("zip/two.m3u8"), "--json"))
        .persistentId
      const { items } = JSON.parse(yield* succeeds(here, "fmgrStatus", id, "--wait", "--json"))
      assert.deepStrictEqual(items.map(({ key, state }: Item) => [key, state]), [
        ["zip/one.m3u8", "succeeded"],
        ["zip/two.m3u8", "succeeded"]
      ])
      assert.deepStrictEqual(yield* inBucket("zip"), ["zip/a", "zip/in/b", "zip/t.zip"])
      assert.include(yield* fails(here, 2, "compress", at("zip/t.zip")), "named by KEYs, or by --key-list")
    }))

  it.scoped("fops runs plain text, and one command's failure is the tool's", () =>
    Effect.gen(function*() {
      const here = yield* place
      yield* putAll(bucket, { "fops/v.mp4": "film" })
      const commands = "vframe/jpg/offset/1|saveas/bWVkaWE6Zm9wcy92LmpwZw==;avthumb/mp4"
      const { code, stderr, stdout } = yield* wcscmd(here, "fops", at("fops/v.mp4"), commands, "--wait")
      assert.strictEqual(code, 8)
      assert.include(stdout, "\nsource  wcs://media/fops/v.mp4\n")
      assert.match(
        stdout,
        /^succeeded {2}fops\/v\.jpg {2}19 B {2}vframe\/jpg\/offset\/1\|saveas\/media:fops\/v\.jpg$/m
      )
      assert.match(stdout, /^failed .*avthumb\/mp4$/m)
      assert.match(stderr, /^wcscmd: 1 of 2 commands of task \w+ failed\n$/)
      const saved = ["fops", at("fops/v.mp4"), "vframe/jpg/offset/2", "--save-as", at("fops/w.jpg")]
      const id = (yield* succeeds(here, ...saved)).trimEnd()
      const { items, source } = JSON.parse(yield* succeeds(here, "fopsStatus", id, "--wait", "--json"))
      assert.deepInclude(items[0], { state: "succeeded", key: "fops/w.jpg" })
      assert.deepStrictEqual(source, { bucket, key: "fops/v.mp4", size: 4 })
      const unknown = yield* fails(here, 3, "fopsStatus", "2001", "--wait")
      assert.match(
        unknown,
        /^wcscmd: fopsStatus: not found \(404\).* \[fops\/status, request \w+\]\n {2}check the id: fmgrStatus knows/
      )
    }))
})

layer(emulatorOf({ taskDelay: "1 day" }), { excludeTestServices: true })("a task that takes long", (it) => {
  it.scoped("is left after its time, or when the tool is interrupted", () =>
    Effect.gen(function*() {
      const here = yield* place
      const line = ["deletePrefix", `wcs://${bucket}`, "a", "--wait"]
      const error = JSON.parse(yield* fails(here, 10, ...line, "--timeout", "1", "--json")).error
      assert.deepInclude(error, { tag: "WcsTaskPending", operation: "fmgr/status", exitCode: 10 })
      assert.strictEqual(error.hint, `the task goes on; ask again: wcscmd fmgrStatus ${error.persistentId}`)
      assert.include(yield* succeeds(here, "fmgrStatus", error.persistentId), "\nstate  waiting")
      assert.include(yield* fails(here, 2, ...line.slice(0, 3), "--timeout", "1"), "--timeout goes with --wait")
      const before = (yield* operations).length
      const { child, end } = yield* start("wcscmd", here, { arguments: line })
      yield* operations.pipe(
        Effect.repeat({
          schedule: Schedule.spaced("50 millis"),
          until: (seen) => seen.slice(before).includes("fmgr/status")
        })
      )
      child.kill("SIGINT")
      const { code, stderr } = yield* end
      assert.strictEqual(code, 130)
      assert.match(stderr, /^the task goes on: wcscmd fmgrStatus \w+ --wait$/m)
    }))
})
