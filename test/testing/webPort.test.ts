import { assert, describe, it } from "@effect/vitest"
import { Effect, TestClock } from "effect"
import type { EmulatorOptions } from "effect-wcs/testing"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import { b64u, bytes, md5, now, onPort, put, type Services, sign } from "./support.ts"
import { bytesOf, demo, ended, given, keys, outcomes, runFmgr, startFmgr } from "./tasksSupport.ts"

interface Seen {
  readonly method: string | undefined
  readonly url: string | undefined
  readonly headers: IncomingMessage["headers"]
  readonly body: string
}

/** Another server on this machine, and what it was sent. */
const server = (answer: (seen: Seen, response: ServerResponse) => void) =>
  Effect.acquireRelease(
    Effect.async<{ readonly port: number; readonly seen: Array<Seen>; readonly close: () => void }>((resume) => {
      const seen: Array<Seen> = []
      const running = createServer((request, response) => {
        let body = ""
        request.setEncoding("utf8").on("data", (text) => {
          body += text
        })
        request.on("end", () => {
          const { headers, method, url } = request
          seen.push({ method, url, headers, body })
          answer(seen.at(-1)!, response)
        })
      })
      running.listen(0, "127.0.0.1", () => {
        const address = running.address()
        const close = () => {
          running.closeAllConnections()
          running.close()
        }
        resume(Effect.succeed({ port: typeof address === "object" ? address?.port ?? 0 : 0, seen, close }))
      })
    }),
    ({ close }) => Effect.sync(close)
  )

const within = <A, E>(options: EmulatorOptions.EmulatorOptions, test: Effect.Effect<A, E, Services>) =>
  Effect.provide(Effect.zipRight(TestClock.setTime(now), test), onPort(options))

describe("an emulator on a port", () => {
  it.scoped("posts callbacks and notifications", () =>
    Effect.gen(function*() {
      const { port, seen } = yield* server((_, response) => response.end("{\"ok\":true}"))
      const url = `http://127.0.0.1:${port}/n?x=1`
      yield* within(
        {},
        Effect.gen(function*() {
          const answer = yield* put({ scope: "demo:a", callbackUrl: url, callbackBody: "key=$(key)" }, "x")
          assert.deepStrictEqual(answer.json, { ok: true })
          const id = yield* startFmgr("delete", `bucket/${demo}/key/${b64u("a")}`, `&notifyURL=${b64u(url)}`)
          assert.strictEqual((yield* ended(id)).code, 6)
        })
      )
      assert.lengthOf(seen, 2)
      assert.strictEqual(seen[0]?.body, b64u("key=a"))
      for (const { body, headers, method, url: path } of seen) {
        assert.deepStrictEqual([method, path, headers["content-type"]], ["POST", "/n?x=1", "text/plain"])
        assert.strictEqual(headers["content-length"], String(body.length))
        assert.strictEqual(headers.authorization, `test-access-key:${sign(`${url}\n${body}`)}`)
        assert.notProperty(headers, "traceparent")
      }
    }))

  it.scoped("fetches from the hosts that are allowed, and follows no redirect to others", () =>
    Effect.gen(function*() {
      const content = bytes(3_000_000)
      const { port, seen } = yield* server(({ url = "" }, response) => {
        if (url === "/away") response.writeHead(302, { location: `http://localhost:${port}/secret` }).end("moved")
        else if (url === "/on") response.writeHead(302, { location: "/file" }).end()
        else if (url === "/broken") {
          response.writeHead(200, { "content-length": 9 }).write("abc", () => response.destroy())
        } else if (url === "/none") response.writeHead(404).end("gone")
        else response.end(content)
      })
      yield* within(
        { fetchHosts: ["127.0.0.1"] },
        Effect.gen(function*() {
          const command = (path: string, rest = "") =>
            `fetchURL/${b64u(`http://127.0.0.1:${port}${path}`)}/bucket/${demo}${rest}`
          const paths = ["/away", "/on", "/broken", "/none"]
          const [file, ...others] = yield* runFmgr("fetch", [
            command("/file", `/md5/${md5(content)}`),
            ...paths.map((path) => command(path)),
            `fetchURL/${b64u("http://127.0.0.1:1/")}/bucket/${demo}/key/${b64u("x")}`
          ])
          assert.deepStrictEqual([file?.code, file?.fsize], [3, content.length])
          assert.deepStrictEqual(outcomes(others), [
            [2, `The Host localhost:${port} Is Not In fetchHosts`],
            [3, null],
            [2, "The Answer Broke Off"],
            [2, "The Server Answers 404"],
            [2, "The Server Cannot Be Reached"]
          ])
          assert.isTrue((yield* bytesOf("on")).equals(content))
          assert.deepStrictEqual(yield* keys(), ["file", "on"])
        })
      )
      assert.deepStrictEqual(seen.map(({ url }) => url), ["/file", "/away", "/on", "/file", "/broken", "/none"])
      assert.isTrue(seen.every(({ headers }) => headers["accept-encoding"] === "identity"))
    }))

  it.scoped("asks the option's servers where it is given", () =>
    Effect.gen(function*() {
      const told: Array<string> = []
      const web = ({ url }: EmulatorOptions.WebRequest) =>
        Effect.sync(() => ({ status: (told.push(url), 200), body: "" }))
      yield* within(
        { web },
        Effect.gen(function*() {
          yield* given({ a: "1" })
          const body = `bucket/${demo}/key/${b64u("a")}`
          const id = yield* startFmgr("delete", body, `&notifyURL=${b64u("http://cb.test/n")}`)
          assert.strictEqual((yield* ended(id)).code, 6)
        })
      )
      assert.deepStrictEqual(told, ["http://cb.test/n"])
    }))
})
