import { FileSystem } from "@effect/platform"
import { NodeContext } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { spawn } from "node:child_process"
import { createServer } from "node:net"
import { built, root } from "../support/programs.ts"

interface Run {
  /** The first line of output; fails with what was written when there is none. */
  readonly firstLine: Effect.Effect<string, string>
  readonly kill: (signal: NodeJS.Signals) => Effect.Effect<void>
  readonly exit: Effect.Effect<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }>
}

const start = (...args: ReadonlyArray<string>) =>
  Effect.acquireRelease(
    Effect.map(built("scripts/emulator.ts"), (program) => {
      const child = spawn(process.execPath, [program, ...args], { cwd: root })
      let stdout = ""
      let stderr = ""
      child.stdout.setEncoding("utf8").on("data", (data) => {
        stdout += data
      })
      child.stderr.setEncoding("utf8").on("data", (data) => {
        stderr += data
      })
      const closed = new Promise<number | null>((resolve) => child.on("close", resolve))
      const run: Run & { readonly child: typeof child } = {
        child,
        firstLine: Effect.async((resume) => {
          const look = () => {
            const [line, ...rest] = stdout.split("\n")
            if (rest.length > 0) resume(Effect.succeed(line ?? ""))
          }
          child.stdout.on("data", look)
          look()
          void closed.then(() => resume(Effect.fail(stderr)))
        }),
        kill: (signal) => Effect.sync(() => void child.kill(signal)),
        exit: Effect.map(Effect.promise(() => closed), (code) => ({ code, stdout, stderr }))
      }
      return run
    }),
    ({ child }) => Effect.sync(() => child.kill("SIGKILL"))
  )

const get = (url: string) => Effect.promise(() => fetch(url).then((response) => response.status))

/** A program takes its time to start where others run beside it. */
const slow = 180_000

describe("scripts/emulator.ts", () => {
  it.scopedLive(
    "says where it is, serves until it is told to stop, and keeps its directory",
    () =>
      Effect.gen(function*() {
        const fs = yield* FileSystem.FileSystem
        const directory = yield* fs.makeTempDirectoryScoped()
        const options = [
          "--dir",
          directory,
          "--bucket",
          "a",
          "--bucket",
          "b",
          "--access-key",
          "ak",
          "--secret-key",
          "sk"
        ]
        const run = yield* start(...options)
        const address = JSON.parse(yield* run.firstLine)
        const origin = address.uploadUrl
        assert.match(origin, /^http:\/\/127\.0\.0\.1:\d+$/)
        assert.deepStrictEqual(address, {
          uploadUrl: origin,
          managementUrl: origin,
          downloadUrl: `${origin}/download/{bucket}`,
          accessKey: "ak",
          secretKey: "sk",
          buckets: ["a", "b"]
        })
        assert.strictEqual(yield* get(`${origin}/download/a/none`), 404)
        yield* run.kill("SIGTERM")
        const ended = yield* run.exit
        assert.deepStrictEqual([ended.code, ended.stderr], [0, ""])
        assert.strictEqual(ended.stdout.trim(), JSON.stringify(address))
        assert.isTrue(yield* fs.exists(`${directory}/emulator.json`))
      }).pipe(Effect.provide(NodeContext.layer)),
    slow
  )

  it.scopedLive("has defaults, and stops at an interrupt", () =>
    Effect.gen(function*() {
      const run = yield* start()
      const address = JSON.parse(yield* run.firstLine)
      assert.deepStrictEqual(address.buckets, ["demo"])
      assert.strictEqual(address.accessKey, "test-access-key")
      yield* run.kill("SIGINT")
      assert.strictEqual((yield* run.exit).code, 0)
    }), slow)

  const outcome = (...args: ReadonlyArray<string>) =>
    Effect.flatMap(start(...args), ({ exit }) =>
      Effect.map(exit, ({ code, stderr, stdout }) => {
        assert.strictEqual(stdout, "")
        return [code, stderr.split("\n")[0]] as const
      }))

  it.scopedLive("refuses arguments with 2", () =>
    Effect.gen(function*() {
      const outcomes = yield* Effect.forEach(
        [["--port", "http"], ["--bucket", "a:b"], ["--nope"], ["--fetch-host", "http://a"]],
        (args) => outcome(...args),
        { concurrency: 2 }
      )
      assert.deepStrictEqual(outcomes.map(([code]) => code), [2, 2, 2, 2])
      assert.match(outcomes[0]?.[1] ?? "", /--port/)
      assert.match(outcomes[1]?.[1] ?? "", /--bucket/)
      assert.match(outcomes[2]?.[1] ?? "", /--nope/)
      assert.match(outcomes[3]?.[1] ?? "", /--fetch-host/)
    }), slow)

  it.scopedLive("ends with 1 when it cannot start", () =>
    Effect.gen(function*() {
      const taken = yield* Effect.acquireRelease(
        Effect.async<ReturnType<typeof createServer>>((resume) => {
          const server = createServer()
          server.listen(0, "127.0.0.1", () => resume(Effect.succeed(server)))
        }),
        (server) => Effect.sync(() => server.close())
      )
      const address = taken.address()
      const port = yield* outcome("--port", typeof address === "object" ? String(address?.port) : "")
      assert.strictEqual(port[0], 1)
      assert.match(port[1] ?? "", /EADDRINUSE/)
      const directory = yield* outcome("--dir", root)
      assert.strictEqual(directory[0], 1)
      assert.match(directory[1] ?? "", /not an emulator's directory/)
    }), slow)
})
