import { assert, describe, it } from "@effect/vitest"
import { Effect, Option, Stream, TestClock } from "effect"
import type { EmulatorOptions } from "effect-wcs/testing"
import { Emulator } from "effect-wcs/testing"
import type * as support from "./support.ts"
import { b64u, both, bytes, entry, etag, inProcess, manage, noBucket, now, put, send, sign } from "./support.ts"

const options: EmulatorOptions.EmulatorOptions = { buckets: ["demo", "other"], foreignBuckets: ["foreign"] }

const day = 86_400_000

const ok = { code: 200, message: "OK" }

const problem = ({ json, status }: support.Answer) => {
  assert.strictEqual(json.code, String(status))
  return [status, json.message] as const
}

const seed = (key: string, content: string | Uint8Array = key, bucket = "demo") =>
  Effect.flatMap(Emulator.Emulator, (emulator) => emulator.putObject({ bucket, key }, content))

const object = (key: string, bucket = "demo") =>
  Effect.flatMap(
    Emulator.Emulator,
    (emulator) => Effect.map(emulator.object({ bucket, key }), Option.getOrUndefined)
  )

const content = (key: string, bucket = "demo") =>
  Effect.flatMap(Emulator.Emulator, (emulator) =>
    Effect.map(
      Stream.runCollect(emulator.content({ bucket, key })),
      (pieces) => Buffer.concat(Array.from(pieces)).toString()
    ))

const under =
  (test: () => Effect.Effect<void, unknown, support.Services>, given: EmulatorOptions.EmulatorOptions) => () =>
    Effect.provide(Effect.zipRight(TestClock.setTime(now), test()), inProcess({ ...options, ...given }))

describe.each(["move", "copy"] as const)("%s", (name) => {
  const transfer = (from: readonly [string, string], to: readonly [string, string]) =>
    manage("POST", `/${name}/${entry(...from)}/${entry(...to)}`)

  both("puts the object under its new name, in any bucket, over what is there", () =>
    Effect.gen(function*() {
      const { etag } = yield* seed("dir/目.png", "picture")
      yield* seed("dir/b", "old", "other")
      yield* TestClock.adjust("1 hour")
      assert.deepStrictEqual((yield* transfer(["demo", "dir/目.png"], ["other", "dir/b"])).json, ok)
      const target = yield* object("dir/b", "other")
      assert.deepInclude(target, { size: 7, etag, mimeType: "image/png" })
      assert.strictEqual(target?.putTime, name === "move" ? now : now + 3_600_000)
      assert.strictEqual(yield* content("dir/b", "other"), "picture")
      assert.strictEqual((yield* object("dir/目.png"))?.etag, name === "move" ? undefined : etag)
    }), options)

  both("keeps the retention, and of a playlist the segments where they are", () =>
    Effect.gen(function*() {
      const emulator = yield* Emulator.Emulator
      yield* emulator.putObject({ bucket: "demo", key: "a/p.m3u8" }, "#EXTM3U\n1.ts\n", { retentionDays: 2 })
      yield* seed("a/1.ts")
      yield* transfer(["demo", "a/p.m3u8"], ["demo", "b/p.m3u8"])
      assert.strictEqual((yield* object("b/p.m3u8"))?.expiresAt, now + 2 * day)
      assert.isDefined(yield* object("a/1.ts"))
      assert.isUndefined(yield* object("b/1.ts"))
    }), options)

  both("is refused where it cannot be", () =>
    Effect.gen(function*() {
      yield* seed("a")
      const answer = (...given: Parameters<typeof transfer>) => Effect.map(transfer(...given), problem)
      assert.deepStrictEqual(yield* answer(["demo", "none"], ["demo", "b"]), [404, "File Not Found"])
      assert.deepStrictEqual(yield* answer(["demo", "none"], ["demo", "none"]), [404, "File Not Found"])
      assert.deepStrictEqual(yield* answer(["demo", "a"], ["demo", "a"]), [406, "File Already Exist"])
      assert.deepStrictEqual(yield* answer(["demo", "a"], ["nowhere", "b"]), [404, noBucket("demo other")])
      assert.deepStrictEqual(yield* answer(["nowhere", "a"], ["demo", "b"]), [404, noBucket("demo other")])
      assert.deepStrictEqual(yield* answer(["demo", "a"], ["foreign", "b"]), [401, "Bucket Access Denied"])
      assert.deepStrictEqual(yield* answer(["demo", "a"], ["demo", "b/"]), [400, "Invalid Key"])
      assert.deepStrictEqual(yield* answer(["demo", "a"], ["demo", ""]), [400, "Invalid Entry"])
      const path = `/${name}/${entry("demo", "a")}/${entry("demo", "b")}`
      const forged = yield* send("POST", path, { headers: { Authorization: `test-access-key:${sign("other")}` } })
      assert.deepStrictEqual(problem(forged), [401, "Token Invalid"])
      assert.strictEqual((yield* send("POST", path)).status, 401)
      assert.strictEqual((yield* manage("POST", `/${name}/${entry("demo", "a")}`)).status, 404)
      assert.strictEqual(yield* content("a"), "a")
      assert.isUndefined(yield* object("b"))
    }), options)

  it.effect(
    "may have to leave what is there",
    under(() =>
      Effect.gen(function*() {
        yield* seed("a")
        yield* seed("b")
        const answer = yield* transfer(["demo", "a"], ["demo", "b"])
        assert.deepStrictEqual(problem(answer), [406, "File Already Exist"])
        assert.strictEqual(yield* content("b"), "b")
        assert.strictEqual((yield* transfer(["demo", "a"], ["demo", "c"])).status, 200)
      }), { strictness: { existingTarget: "refuse" } })
  )

  it.effect(
    "onto itself may be nothing",
    under(() =>
      Effect.gen(function*() {
        const before = yield* seed("a")
        yield* TestClock.adjust("1 hour")
        assert.deepStrictEqual((yield* transfer(["demo", "a"], ["demo", "a"])).json, ok)
        assert.deepStrictEqual(yield* object("a"), before)
      }), { strictness: { sameTarget: "accept" } })
  )

  it.effect(
    "shares bytes that live as long as any name",
    under(() =>
      Effect.gen(function*() {
        const emulator = yield* Emulator.Emulator
        yield* seed("a", "shared")
        for (const target of ["b", "c"]) yield* manage("POST", `/copy/${entry("demo", "a")}/${entry("demo", target)}`)
        yield* transfer(["demo", "b"], ["demo", "d"])
        yield* seed("a", "new")
        yield* emulator.removeObject({ bucket: "demo", key: "c" })
        assert.strictEqual(yield* content("d"), "shared")
        assert.strictEqual(yield* content("a"), "new")
      }), {})
  )
})

describe("setdeadline", () => {
  const set = (fields: Readonly<Record<string, string | number>>) =>
    manage("POST", "/setdeadline", Object.entries(fields).map(([name, value]) => `${name}=${value}`).join("&"))
  const at = (key: string) => ({ bucket: b64u("demo"), key: b64u(key) })
  const statuses = (...keys: ReadonlyArray<string>) =>
    Effect.forEach(keys, (key) => Effect.map(send("GET", `/download/demo/${key}`), ({ status }) => status))

  both("lets an object go after so many days", () =>
    Effect.gen(function*() {
      yield* seed("a")
      assert.deepStrictEqual((yield* set({ ...at("a"), deadline: 3 })).json, ok)
      const stat = yield* manage("GET", `/stat/${entry("demo", "a")}`)
      assert.strictEqual(stat.json.expirationDate, String(now + 3 * day))
      yield* TestClock.adjust(3 * day - 1)
      assert.deepStrictEqual(yield* statuses("a"), [200])
      yield* TestClock.adjust(1)
      assert.deepStrictEqual(yield* statuses("a"), [404])
    }))

  both("at once with 0, never with -1, by either name", () =>
    Effect.gen(function*() {
      for (const key of ["a", "b", "c"]) yield* seed(key)
      yield* set({ ...at("a"), deadline: 0 })
      yield* set({ ...at("b"), deleteAfterDays: 1 })
      yield* set({ ...at("b"), deleteAfterDays: -1 })
      yield* set({ ...at("c"), deleteAfterDays: 1 })
      assert.deepStrictEqual(yield* statuses("a", "b", "c"), [404, 200, 200])
      yield* TestClock.adjust("1000 days")
      assert.deepStrictEqual(yield* statuses("a", "b", "c"), [404, 200, 404])
    }))

  both("takes the segments of a playlist with it, unless told not to", () =>
    Effect.gen(function*() {
      const playlist = [
        "#EXTM3U",
        "#EXTINF:10,",
        "1.ts\r",
        "sub/%E7%9B%AE.ts?x=1",
        "../c/3.ts",
        "/root.ts",
        "https://other.example/a/4.ts",
        "//other.example/a/4.ts",
        "gone.ts",
        ""
      ].join("\n")
      const segments = ["a/1.ts", "a/sub/目.ts", "c/3.ts", "root.ts"]
      const others = ["a/4.ts", "a/5.ts", "1.ts"]
      yield* Effect.forEach([...segments, ...others], (key) => seed(key))
      yield* seed("a/list.m3u8", playlist)
      yield* seed("a/list.txt", playlist)
      const expiring = Effect.map(
        Effect.flatMap(Emulator.Emulator, ({ objects }) => objects("demo")),
        (objects) => objects.flatMap(({ expiresAt, key }) => expiresAt === undefined ? [] : [key])
      )
      yield* set({ ...at("a/list.m3u8"), deadline: 1, relevance: 0 })
      yield* set({ ...at("a/list.txt"), deadline: 1, relevance: 1 })
      assert.deepStrictEqual(yield* expiring, ["a/list.m3u8", "a/list.txt"])
      yield* set({ ...at("a/list.m3u8"), deadline: 1 })
      assert.sameMembers(Array.from(yield* expiring), [...segments, "a/list.m3u8", "a/list.txt"])
      yield* set({ ...at("a/list.m3u8"), deadline: -1, relevance: 1 })
      assert.deepStrictEqual(yield* expiring, ["a/list.txt"])
    }))

  both("refuses what it cannot read", () =>
    Effect.gen(function*() {
      yield* seed("a")
      for (
        const fields of [
          { ...at("a") },
          { ...at("a"), deadline: "" },
          { ...at("a"), deadline: -2 },
          { ...at("a"), deadline: "1.5" },
          { ...at("a"), deadline: 1, deleteAfterDays: 1 },
          { ...at("a"), deadline: 1, relevance: 2 },
          { ...at("a"), deadline: 1, days: 1 },
          { bucket: "demo", key: b64u("a"), deadline: 1 },
          { bucket: b64u("demo"), key: "!", deadline: 1 },
          { bucket: b64u("demo"), deadline: 1 }
        ]
      ) {
        assert.strictEqual((yield* set(fields)).status, 400, JSON.stringify(fields))
      }
      assert.deepStrictEqual(problem(yield* set({ ...at("none"), deadline: 1 })), [404, "File Not Found"])
      const elsewhere = yield* set({ bucket: b64u("nowhere"), key: b64u("a"), deadline: 1 })
      assert.deepStrictEqual(problem(elsewhere), [404, noBucket()])
      assert.strictEqual((yield* send("POST", "/setdeadline", { body: "deadline=1" })).status, 401)
      assert.strictEqual((yield* object("a"))?.expiresAt, undefined)
    }))
})

describe("prefetch", () => {
  const ask = (bucket: string, ...keys: ReadonlyArray<string>) =>
    manage("POST", `/prefetch/${b64u(`${bucket}:${keys.map(b64u).join("|")}`)}`)

  const mirror: EmulatorOptions.EmulatorOptions = {
    mirrors: { demo: "http://mirror.example/base/" },
    web: ({ url }) =>
      Effect.succeed(
        url === "http://mirror.example/base/dir/%E7%9B%AE%20%3F.png"
          ? { status: 200, headers: { "content-type": "image/png" }, body: "from the mirror" }
          : url.endsWith("moved")
          ? { status: 302, headers: { location: "http://elsewhere.example/" }, body: "" }
          : { status: 404, body: "" }
      )
  }

  it.effect(
    "gets objects from the bucket's mirror, each for itself",
    under(() =>
      Effect.gen(function*() {
        yield* seed("dir/目 ?.png", "old")
        const answer = yield* ask("demo", "dir/目 ?.png", "none", "moved")
        const address = (path: string) => `http://mirror.example/base/${path}`
        assert.deepStrictEqual(answer.json, {
          bucket: "demo",
          items: [
            { key: "dir/目 ?.png", mirrorAddress: address("dir/%E7%9B%AE%20%3F.png"), code: 200, message: "OK" },
            { key: "none", mirrorAddress: address("none"), code: 404, message: "The Server Answers 404" },
            {
              key: "moved",
              mirrorAddress: address("moved"),
              code: 404,
              message: "The Host elsewhere.example Is Not In fetchHosts"
            }
          ]
        })
        assert.strictEqual(yield* content("dir/目 ?.png"), "from the mirror")
        assert.deepInclude(yield* object("dir/目 ?.png"), {
          mimeType: "image/png",
          etag: etag(Buffer.from("from the mirror"))
        })
        assert.isUndefined(yield* object("none"))
      }), mirror)
  )

  it.effect(
    "is refused without a mirror, and without keys",
    under(() =>
      Effect.gen(function*() {
        assert.deepStrictEqual(problem(yield* ask("other", "a")), [404, "Bucket Not Binding Mirror"])
        assert.deepStrictEqual(problem(yield* ask("nowhere", "a")), [404, noBucket("demo other")])
        assert.strictEqual((yield* ask("demo")).status, 400)
        assert.strictEqual((yield* ask("demo", "a", "b/")).status, 400)
        // As the vendor's Go SDK sends keys (protocol 17.1).
        assert.strictEqual((yield* manage("POST", `/prefetch/${b64u("demo:a key")}`)).status, 400)
        assert.strictEqual((yield* manage("POST", `/prefetch/${b64u("demo")}`)).status, 400)
        assert.strictEqual((yield* send("POST", `/prefetch/${b64u(`demo:${b64u("a")}`)}`)).status, 401)
      }), mirror)
  )
})

describe("buckets", () => {
  const megabyte = 1024 * 1024
  const dates = (from: string, to: string) => `startdate=${from}&enddate=${to}`

  both("are listed", () =>
    Effect.gen(function*() {
      const answer = yield* manage("GET", "/bucket/list")
      assert.deepStrictEqual(answer.json, {
        code: "200",
        message: "OK",
        buckets: [{ name: "demo" }, { name: "other" }]
      })
      assert.strictEqual((yield* send("GET", "/bucket/list")).status, 401)
    }), options)

  both("tell their volume, day by day or at its highest", () =>
    Effect.gen(function*() {
      yield* seed("a", bytes(megabyte))
      yield* TestClock.adjust("2 days")
      yield* seed("b", bytes(megabyte / 2))
      yield* seed("c", bytes(1049), "other")
      const stat = (name: string, rest: string) =>
        Effect.map(manage("GET", `/bucket/stat?name=${b64u(name)}&${rest}`), ({ json }) => json)
      const span = dates("2026-01-01", "2026-01-09")
      const daily = (values: ReadonlyArray<string>) =>
        values.map((storage, at) => ({ data_time: `2026-01-0${at + 1}`, storage }))
      const buckets = (...buckets: ReadonlyArray<unknown>) => ({ code: "200", message: "OK", buckets })
      const volumes = daily(["0.000", "1.000", "1.000", "1.500"])
      assert.deepStrictEqual(
        yield* stat("demo", `${span}&isListDetails=true&storageType=Standard`),
        buckets({ name: "demo", detail: volumes })
      )
      assert.deepStrictEqual(
        yield* stat("demo|other", span),
        buckets({ name: "demo", detail: volumes.slice(-1) }, {
          name: "other",
          detail: [{ data_time: "2026-01-04", storage: "0.001" }]
        })
      )
      assert.deepStrictEqual(
        yield* stat("demo", `${span}&isListDetails=true&storageType=Archive`),
        buckets({ name: "demo", detail: daily(["0.000", "0.000", "0.000", "0.000"]) })
      )
      assert.deepStrictEqual(
        yield* stat("demo", dates("2026-02-01", "2026-02-02")),
        buckets({ name: "demo", detail: [] })
      )
    }), options)

  both("tell what was carried out on them", () =>
    Effect.gen(function*() {
      const statistics = (type: string, rest = "") =>
        Effect.map(
          manage(
            "GET",
            `/bucket/statistics?name=${b64u("demo|other")}&type=${type}&${dates("2026-01-01", "2026-01-03")}${rest}`
          ),
          ({ json }) => json.buckets.map(({ detail }: any) => detail)
        )
      yield* put({ scope: "demo:a" }, "x".repeat(2 * megabyte))
      yield* put({ scope: "demo:a" }, "refused: it exists")
      yield* TestClock.adjust("1 day")
      yield* put({ scope: "demo:b", deadline: String(now + 2 * day) }, "y")
      yield* send("GET", "/download/demo/a")
      yield* send("HEAD", "/download/demo/a")
      yield* send("GET", "/download/demo/none")
      yield* send("GET", "/download/nowhere/none")
      assert.deepStrictEqual(yield* statistics("uploadRequest", "&isListDetails=true"), [
        ["0", "1", "1"].map((uploadRequest, at) => ({ data_time: `2026-01-0${at + 1}`, uploadRequest })),
        ["0", "0", "0"].map((uploadRequest, at) => ({ data_time: `2026-01-0${at + 1}`, uploadRequest }))
      ])
      const [[sum]] = yield* statistics("uploadRequest")
      assert.deepStrictEqual(sum, { data_time: "2026-01-03", uploadRequest: "2" })
      assert.strictEqual((yield* statistics("downloadRequest"))[0][0].downloadRequest, "2")
      assert.strictEqual((yield* statistics("downloadFlow"))[0][0].downloadFlow, "2.000")
      // The rest of the form, and of the other form.
      assert.match((yield* statistics("uploadFlow"))[0][0].uploadFlow, /^2\.00[1-9]$/)
      assert.match((yield* statistics("flow"))[0][0].flow, /^4\.00[1-9]$/)
    }), options)

  both("refuse questions that are none", () =>
    Effect.gen(function*() {
      const name = `name=${b64u("demo")}`
      const good = dates("2026-01-01", "2026-01-02")
      for (
        const query of [
          good,
          name,
          `${name}&startdate=2026-01-01`,
          `name=demo&${good}`,
          `${name}&${dates("2026-1-1", "2026-01-02")}`,
          `${name}&${dates("2026-02-30", "2026-03-01")}`,
          `${name}&${dates("2026-01-02", "2026-01-01")}`,
          `${name}&${dates("2025-07-01", "2026-01-02")}`,
          `${name}&${good}&isListDetails=1`
        ]
      ) {
        assert.strictEqual((yield* manage("GET", `/bucket/stat?${query}`)).status, 400, query)
        const other = `/bucket/statistics?${query}&type=uploadRequest`
        assert.strictEqual((yield* manage("GET", other)).status, 400, query)
      }
      for (const target of [`stat?${name}&${good}&storageType=1`, `statistics?${name}&${good}&type=visits`]) {
        assert.strictEqual((yield* manage("GET", `/bucket/${target}`)).status, 400, target)
      }
      const longest = dates("2025-07-02", "2026-01-02")
      assert.strictEqual((yield* manage("GET", `/bucket/stat?${name}&${longest}`)).status, 200)
      const nowhere = yield* manage("GET", `/bucket/stat?name=${b64u("demo|nowhere")}&${good}`)
      assert.deepStrictEqual(problem(nowhere), [404, noBucket("demo other")])
      assert.strictEqual((yield* send("GET", `/bucket/stat?${name}&${good}`)).status, 401)
    }), options)
})
