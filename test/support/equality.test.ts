import { assert, it } from "@effect/vitest"
import { Chunk, Duration, Either, Exit, HashMap, Option } from "effect"

it.each<[name: string, one: unknown, other: unknown]>([
  ["no value and a value", Option.none(), Option.some(1)],
  ["no value and a value, in an array", [Option.none()], [Option.some(1)]],
  ["two values", Option.some(1), Option.some(2)],
  ["a right and a left", Either.right(1), Either.left(1)],
  ["a success and a failure", Exit.succeed(1), Exit.fail(1)],
  ["two chunks", Chunk.make(1), Chunk.make(2)],
  ["two maps", HashMap.make(["a", 1]), HashMap.make(["a", 2])],
  ["two durations", Duration.seconds(1), Duration.seconds(2)]
])("assert tells %s apart", (_, one, other) => {
  assert.throws(() => assert.deepStrictEqual(one, other))
})
