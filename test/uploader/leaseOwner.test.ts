import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { hostname } from "node:os"
import { LeaseOwner } from "../../src/internal/leaseOwner.ts"
import { nodeLeaseOwner } from "../../src/internal/nodeLeaseOwner.ts"

describe("who works on an upload, in words", () => {
  it.effect("is a process of this machine or of another one", () =>
    Effect.gen(function*() {
      const { describe, name } = yield* LeaseOwner
      const [here = "", , began] = name.split(":")
      assert.strictEqual(here.split("/")[0], hostname())
      assert.strictEqual(describe(`${name}:17`), "this process")
      assert.strictEqual(describe(`${here}:1:${began}:17`), "process 1 on this machine")
      // A number that another process had before.
      assert.match(describe(`${here}:${process.pid}:${began}0:17`), /^process \d+ on this machine$/)
      assert.strictEqual(describe("films-2/0f3a/4026531836:4711:99:17"), "process 4711 on films-2")
      assert.strictEqual(describe("the night shift"), "the night shift")
      // As a client without Node's layer names itself.
      assert.strictEqual(describe("a program:17"), "a program")
    }).pipe(Effect.provide(nodeLeaseOwner)))

  it.effect("is a program where nothing tells its processes apart", () =>
    Effect.gen(function*() {
      const { describe, name } = yield* LeaseOwner
      assert.strictEqual(describe(`${name}:17`), "a program")
    }))
})
