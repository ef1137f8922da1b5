/** Every transcript of docs/wcscmd.md is what the tool prints; `npm run docs` writes them anew. */
import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { readFileSync, writeFileSync } from "node:fs"
import { inject } from "vitest"
import { root } from "../e2e/support/processes.ts"
import { emulatorOf } from "../e2e/support/service.ts"
import { transcribe } from "./support/transcripts.ts"
import { place } from "./support/wcscmd.ts"

const page = `${root}docs/wcscmd.md`

layer(emulatorOf({ fetchHosts: ["127.0.0.1"] }))("docs/wcscmd.md", (it) => {
  it.scoped("is what the tool prints", () =>
    Effect.gen(function*() {
      const { cwd, env } = yield* place
      const text = readFileSync(page, "utf8")
      const now = yield* transcribe(text, { bin: inject("bin"), home: cwd, env })
      if (process.env["WRITE_TRANSCRIPTS"] === "1") writeFileSync(page, now)
      else assert.strictEqual(now, text)
    }))
})
