import { assert } from "@effect/vitest"
import { deepStrictEqual } from "node:assert"

// Chai's takes `Option.none()` for equal to any other option.
assert.deepStrictEqual = deepStrictEqual
