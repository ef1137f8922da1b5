/** Every transcript of docs/wcscmd.md is what the tool prints; `npm run docs` writes them anew. */
import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { readFileSync, writeFileSync } from "node:fs"
import { inject } from "vitest"
import { root } from "../e2e/support/processes.ts"
import { bucket, emulatorOf } from "../e2e/support/service.ts"
import { transcribe } from "./support/transcripts.ts"
import { place } from "./support/wcscmd.ts"

const page = `${root}docs/wcscmd.md`

/** An emulator that knows a little of what the service knows: a web around it, films, channels, images. */
const emulator = emulatorOf({
  fetchHosts: ["example.com"],
  mirrors: { [bucket]: "http://example.com" },
  web: () => Effect.succeed({ status: 200, headers: { "content-type": "video/mp4" }, body: "a film" }),
  detectImage: () => Effect.succeed({ label: 2, rate: 0.98, review: false }),
  mediaInfo: ({ key, size }) =>
    Effect.succeed({
      streams: [{ codec_type: "video", codec_name: "h264", width: 1920, height: 1080 }],
      format: { filename: key, duration: "61.5", size: String(size), bit_rate: "128000" }
    }),
  recordings: [{
    bucket,
    channel: "channel-1",
    key: "live/channel-1/1.ts",
    startTime: "20260130200000",
    endTime: "20260130210000"
  }]
})

layer(emulator, { excludeTestServices: true })("docs/wcscmd.md", (it) => {
  it.scoped("is what the tool prints", () =>
    Effect.gen(function*() {
      const { cwd, env } = yield* place
      const text = readFileSync(page, "utf8")
      const now = yield* transcribe(text, { bin: inject("bin"), home: cwd, env })
      if (process.env["WRITE_TRANSCRIPTS"] === "1") writeFileSync(page, now)
      else assert.strictEqual(now, text)
    }))
})
