import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect, Fiber, Schedule } from "effect"
import { ConnectionFault } from "effect-wcs/testing"
import { FaultProxy } from "effect-wcs/testing/node"
import { connect, createServer } from "node:net"
import { listening } from "../e2e/support/webServer.ts"

const head = "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n"

/** A proxy before a server that keeps what it got, and answers `answer` when a line has ended. */
const proxied = (answer = `${head}hello`) =>
  Effect.gen(function*() {
    const got: Array<string> = []
    const server = createServer((socket) => {
      const index = got.push("") - 1
      socket.on("error", () => {}).on("data", (bytes) => {
        got[index] += bytes.toString("latin1")
        if (bytes.includes("\n")) socket.write(answer)
      })
    })
    const proxy = yield* FaultProxy.make(`http://127.0.0.1:${yield* listening(server)}`)
    return { got, proxy }
  })

type Proxy = FaultProxy.FaultProxy["Type"]

/** Sends a text, and tells what came back and how it ended; `open` when it was still open after `enough` had come. */
const exchange = ({ origin }: Proxy, text: string, enough: (answer: string) => boolean = () => false) =>
  Effect.async<{ readonly answer: string; readonly end: "reset" | "end" | "open" }>((resume) => {
    let answer = ""
    const done = (end: "reset" | "end" | "open") => {
      resume(Effect.succeed({ answer, end }))
      socket.destroy()
    }
    const socket = connect(Number(new URL(origin).port), "127.0.0.1", () => socket.write(text))
    socket.on("data", (bytes) => {
      answer += bytes.toString("latin1")
      if (enough(answer)) done("open")
    }).on("error", () => done("reset")).on("end", () => done("end"))
    return Effect.sync(() => void socket.destroy())
  })

const hello = (answer: string) => answer.endsWith("hello")

/** Waits for what has to come about. */
const until = (condition: () => boolean): Effect.Effect<void> =>
  Effect.suspend(() => condition() ? Effect.void : Effect.zipRight(Effect.sleep("5 millis"), until(condition)))

const untilConnections = (proxy: Proxy, condition: (all: ReadonlyArray<FaultProxy.Connection>) => boolean) =>
  Effect.repeat(proxy.connections, { until: condition, schedule: Schedule.spaced("5 millis") })

describe("FaultProxy", () => {
  it.scopedLive("without a rule is not noticed", () =>
    Effect.gen(function*() {
      const { got, proxy } = yield* proxied()
      assert.deepStrictEqual(yield* exchange(proxy, "question\n", hello), { answer: `${head}hello`, end: "open" })
      assert.deepStrictEqual(got, ["question\n"])
      yield* untilConnections(proxy, ([first]) => first?.open === false)
      assert.deepStrictEqual(yield* proxy.connections, [{ received: 9, open: false }])
    }))

  it.scopedLive("obeys a rule for the nth connection, and the first of several", () =>
    Effect.gen(function*() {
      const { got, proxy } = yield* proxied()
      yield* proxy.addFault(
        ConnectionFault.on(ConnectionFault.reset(), { nth: 2 }),
        ConnectionFault.on(ConnectionFault.cutAnswer(), { nth: 2, times: 2 })
      )
      const ends = []
      for (let i = 0; i < 4; i++) ends.push((yield* exchange(proxy, "question\n", hello)).end)
      assert.deepStrictEqual(ends, ["open", "reset", "end", "open"])
      yield* proxy.addFault(ConnectionFault.on(ConnectionFault.reset()))
      assert.strictEqual((yield* exchange(proxy, "question\n", hello)).end, "reset")
      yield* proxy.clearFaults
      assert.strictEqual((yield* exchange(proxy, "question\n", hello)).end, "open")
      assert.deepStrictEqual(got.filter((text) => text !== ""), Array(4).fill("question\n"))
    }))

  it.scopedLive("reset: what came before it arrives, and nothing after it", () =>
    Effect.gen(function*() {
      const { got, proxy } = yield* proxied()
      yield* proxy.addFault(ConnectionFault.on(ConnectionFault.reset({ after: 4 })))
      assert.deepStrictEqual(yield* exchange(proxy, "question\n", hello), { answer: "", end: "reset" })
      yield* until(() => got[0] === "ques")
    }))

  it.scopedLive("swallow, withhold: the connection stays open, and no answer comes", () =>
    Effect.gen(function*() {
      const { got, proxy } = yield* proxied()
      yield* proxy.addFault(
        ConnectionFault.on(ConnectionFault.swallow(), { nth: 1 }),
        ConnectionFault.on(ConnectionFault.swallow({ after: 3 }), { nth: 2 }),
        ConnectionFault.on(ConnectionFault.withhold, { nth: 3 })
      )
      for (const [index, arrives] of ["", "que", "question\n"].entries()) {
        const fiber = yield* Effect.fork(exchange(proxy, "question\n"))
        yield* untilConnections(proxy, (all) => all[index]?.received === 9)
        yield* until(() => (got[index] ?? "") === arrives)
        assert.isTrue((yield* proxy.connections)[index]?.open)
        yield* Fiber.interrupt(fiber)
        yield* untilConnections(proxy, (all) => all[index]?.open === false)
      }
    }))

  it.scopedLive("cutAnswer: in its place, in the midst of it, after its head", () =>
    Effect.gen(function*() {
      const { proxy } = yield* proxied()
      yield* proxy.addFault(
        ConnectionFault.on(ConnectionFault.cutAnswer(), { nth: 1 }),
        ConnectionFault.on(ConnectionFault.cutAnswer({ after: 8 }), { nth: 2 }),
        ConnectionFault.on(ConnectionFault.cutAnswer({ after: "head" }), { nth: 3 })
      )
      for (const answer of ["", "HTTP/1.1", head]) {
        assert.deepStrictEqual(yield* exchange(proxy, "question\n"), { answer, end: "end" })
      }
    }))

  it.scopedLive("drip, bandwidth: everything arrives, a few bytes at a time", () =>
    Effect.gen(function*() {
      const { got, proxy } = yield* proxied()
      for (const action of [ConnectionFault.drip(10, "5 millis"), ConnectionFault.bandwidth(2000)]) {
        yield* proxy.clearFaults
        yield* proxy.addFault(ConnectionFault.on(action))
        const started = yield* Clock.currentTimeMillis
        assert.strictEqual((yield* exchange(proxy, `${"?".repeat(99)}\n`, hello)).answer, `${head}hello`)
        // Ten times there and five times back, and no timer is early by more than a millisecond.
        assert.isAtLeast((yield* Clock.currentTimeMillis) - started, 50)
        assert.strictEqual(got.at(-1), `${"?".repeat(99)}\n`)
      }
    }))

  it.scopedLive("flip: one bit of one byte", () =>
    Effect.gen(function*() {
      const { got, proxy } = yield* proxied()
      yield* proxy.addFault(ConnectionFault.on(ConnectionFault.flip(1)))
      yield* exchange(proxy, "question\n", hello)
      assert.deepStrictEqual(got, ["qtestion\n"])
    }))
})
