import { NodeContext } from "@effect/platform-node"
import { assert } from "@effect/vitest"
import { ConfigError, Effect, Either, Layer, TestClock } from "effect"
import * as fs from "node:fs"
import * as path from "node:path"
import { isWcsError, type WcsError } from "../../../src/domain/WcsError.ts"
import * as DigestNode from "../../../src/layers/DigestNode.ts"
import * as ProgressStoreDirectory from "../../../src/layers/ProgressStoreDirectory.ts"
import * as Wcs from "../../../src/layers/Wcs.ts"
import * as WcsAuthKeys from "../../../src/layers/WcsAuthKeys.ts"
import * as WcsConfigLayer from "../../../src/layers/WcsConfigLayer.ts"
import * as call from "./call.ts"
import * as testClock from "./clock.ts"
import { sha1 } from "./content.ts"
import { clock, type Records, type RequestCase } from "./files.ts"
import * as server from "./server.ts"
import type { Setting } from "./setting.ts"

/** What a case did. */
export interface Run {
  readonly sent: ReadonlyArray<server.Sent>
  /** Attempts to reach a host that came to nothing: none listens there, or its certificate is not to be trusted. */
  readonly refusals: number
  readonly outcome: Either.Either<unknown, WcsError | ConfigError.ConfigError>
  /** The blocks' records by `<upload id>/<offset>`, and manifests by their names. */
  readonly records: Records
}

const filesBelow = (folder: string): Records =>
  Object.fromEntries(
    fs.readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => {
        const file = path.join(entry.parentPath, entry.name)
        return [path.relative(folder, file), fs.readFileSync(file, "utf8")]
      })
  )

/** A folder with the case's files, its settings and the records that are there before. */
const prepare = (folder: string, setting: Setting, vector: RequestCase) => {
  for (const [name, { sha1: expected }] of Object.entries(vector.files ?? {})) {
    assert.strictEqual(sha1(setting.bytes), expected, "the generated content is the recorded one")
    fs.writeFileSync(path.join(folder, name), setting.bytes)
  }
  fs.writeFileSync(path.join(folder, "wcscfg"), setting.cfg)
  fs.mkdirSync(path.join(folder, "records"))
  for (const [name, text] of Object.entries(vector.records_before ?? {})) {
    const file = path.join(folder, "records", name)
    fs.mkdirSync(path.dirname(file), { recursive: true })
    if (text !== null) fs.writeFileSync(file, text)
  }
}

const layerOf = (folder: string, http: ReturnType<typeof server.make>["layer"]) => {
  const config = WcsConfigLayer.layerFile(path.join(folder, "wcscfg"))
  const store = ProgressStoreDirectory.layer({ folder: path.join(folder, "records") })
  return Wcs.layer.pipe(
    Layer.provide([WcsAuthKeys.layer, store, http]),
    Layer.provide([config, DigestNode.layer]),
    Layer.provide(NodeContext.layer)
  )
}

/** Makes a case's call of ours against the recorded answers, at the recorded time. */
export const run = (setting: Setting, vector: RequestCase): Effect.Effect<Run> =>
  Effect.acquireUseRelease(
    Effect.sync(() => fs.mkdtempSync(path.join(process.env["TMPDIR"] ?? "/tmp", "effect-wcs-vector-"))),
    (folder) =>
      Effect.gen(function*() {
        prepare(folder, setting, vector)
        yield* TestClock.setTime(clock)
        const { layer, refusals, sent } = server.make(setting, vector.requests)
        const outcome = yield* call.make(vector.call, (name) => path.join(folder, name)).pipe(
          Effect.provide(layerOf(folder, layer)),
          Effect.either,
          testClock.run
        )
        if (Either.isLeft(outcome) && !isWcsError(outcome.left) && !ConfigError.isConfigError(outcome.left)) {
          return yield* Effect.die(outcome.left)
        }
        return { sent, refusals: refusals(), outcome, records: filesBelow(path.join(folder, "records")) }
      }),
    (folder) => Effect.sync(() => fs.rmSync(folder, { recursive: true, force: true }))
  )
