import { HttpClient, HttpClientRequest } from "@effect/platform"
import { assert, describe, it } from "@effect/vitest"
import { Effect, TestClock } from "effect"
import { Emulator } from "effect-wcs/testing"
import { readFileSync } from "node:fs"
import { inProcess, now, unb64u } from "./support.ts"

// Requests for tasks that the official SDK sent, byte for byte.

const { cases } = JSON.parse(readFileSync(new URL("../vectors/fmgr.json", import.meta.url), "utf8"))

/** What a strict service refuses although the SDK sends whatever it is given: `|saveas`, `separate=yes`, no command. */
const refused: Readonly<Record<string, number>> = {
  "fmgr.p013.fmgr_compress-plain": 400,
  "fmgr.p014.fmgr_compress-all-options": 400,
  "fmgr.p021.m3u8_delete-options": 400,
  "fmgr.p023.blank-fops": 400,
  // Tasks of another service.
  "fmgr_status.p001.plain": 404,
  "fmgr_status.p002.letters": 404,
  "ops_status.p001.plain": 404
}

const replay = (request: any) =>
  Effect.gen(function*() {
    const query = request.query === "" ? "" : `?${request.query}`
    const http = HttpClientRequest.make(request.method)(`http://wcs.test${request.path}${query}`).pipe(
      (self) => request.method === "GET" ? self : HttpClientRequest.bodyText(self, request.body.text, ""),
      HttpClientRequest.setHeaders(request.headers)
    )
    const response = yield* HttpClient.execute(http)
    return { status: response.status, text: yield* response.text }
  })

/** The source of a media task has to be there. */
const putSource = (body: string) =>
  Effect.gen(function*() {
    const emulator = yield* Emulator.Emulator
    const [bucket = "", key = ""] = Array.from(body.matchAll(/^bucket=([^&]*)&key=([^&]*)/g)).flatMap(([, ...names]) =>
      names.map(unb64u)
    )
    yield* emulator.putObject({ bucket, key }, "film")
  })

describe("the official SDK's requests for tasks", () => {
  for (const { id, requests } of cases) {
    if (requests.length === 0) continue
    it.effect(id, () =>
      Effect.gen(function*() {
        yield* TestClock.setTime(now)
        const emulator = yield* Emulator.Emulator
        for (const request of requests) {
          if (request.path === "/fops") yield* putSource(request.body.text)
          const { status, text } = yield* replay(request)
          assert.strictEqual(status, refused[id] ?? 200, text)
          const started = (yield* emulator.tasks).map(({ id }) => id)
          assert.deepStrictEqual(started, status === 200 ? [JSON.parse(text).persistentId] : [])
        }
      }).pipe(Effect.provide(inProcess({
        accessKey: "AKexample0001",
        secretKey: "SKexample0001secret",
        buckets: ["b", "bucket-a", "my-bucket-01", "桶-1"]
      }))))
  }
})
