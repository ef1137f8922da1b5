import { assert } from "@effect/vitest"
import { Array as Arr, Effect, Option, TestClock, TestServices } from "effect"
import { Emulator, type EmulatorOptions, type EmulatorTask } from "effect-wcs/testing"
import { contentOf, keysOf, putAll } from "../support/emulated.ts"
import { b64u, entry, inProcess, manage, now, send, type Services } from "./support.ts"

export const demo = b64u("demo")

/** The URL of an object of `demo`, as tasks tell it. */
export const urlOf = (key: string): string => `http://wcs.test/download/demo/${key}`

export const saveas = (key: string): string => `saveas/${entry("demo", key)}`

/** Puts objects into `demo`. */
export const given = (objects: { readonly [key: string]: string | Uint8Array }) => putAll("demo", objects)

/** The keys of a bucket. */
export const keys = (bucket = "demo") => keysOf(bucket)

export const bytesOf = (key: string, bucket = "demo") => contentOf({ bucket, key })

export const textOf = (key: string, bucket = "demo") => Effect.map(bytesOf(key, bucket), (bytes) => bytes.toString())

/** Starts a task and gives its id. */
export const start = (path: string, body: string) =>
  Effect.map(manage("POST", path, body), ({ json, status, text }) => {
    assert.strictEqual(status, 200, text)
    assert.deepStrictEqual(Object.keys(json), ["persistentId"])
    return json.persistentId as string
  })

type Action = "fetch" | "copy" | "move" | "delete" | "deletePrefix" | "deletem3u8" | "setdeadline" | "compress"

export const startFmgr = (action: Action, commands: string | ReadonlyArray<string>, rest = "") =>
  start(`/fmgr/${action}`, `fops=${[commands].flat().join(";")}${rest}`)

export const startFops = (key: string, fops: string, rest = "") =>
  start("/fops", `bucket=${demo}&key=${b64u(key)}&fops=${b64u(fops)}${rest}`)

/** What the service says of a task. */
export const status = (id: string, path = "/fmgr/status") =>
  Effect.map(send("GET", `${path}?persistentId=${id}`), ({ json }) => json)

/** Waits for a task to end; it runs beside the test. */
export const ended = (id: string) =>
  Effect.flatMap(
    Emulator.Emulator,
    ({ tasks }) =>
      Effect.zipRight(TestServices.provideLive(Effect.sleep("1 millis")), tasks).pipe(
        Effect.map((all) => Option.getOrThrow(Arr.findFirst(all, (task) => task.id === id))),
        Effect.repeat({ until: ({ code, notifyUrl }) => code > 4 || (code === 3 && notifyUrl === undefined) })
      )
  )

/** Runs a task to its end, and gives what became of its commands. */
export const runFmgr = (...options: Parameters<typeof startFmgr>) =>
  Effect.map(Effect.flatMap(startFmgr(...options), ended), ({ items }) => items)

export const runFops = (...options: Parameters<typeof startFops>) =>
  Effect.map(Effect.flatMap(startFops(...options), ended), ({ items }) => items)

/** Code and error of each. */
export const outcomes = (items: ReadonlyArray<EmulatorTask.EmulatorTaskItem>) =>
  items.map(({ code, error }) => [code, error])

/** Runs a test in process, at the tests' time. */
export const within = (options: EmulatorOptions.EmulatorOptions = {}) => <A, E>(test: Effect.Effect<A, E, Services>) =>
  Effect.provide(Effect.zipRight(TestClock.setTime(now), test), inProcess(options))
