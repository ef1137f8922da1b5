/** `examples/observability.ts` in a process of its own, and what a collector of OTLP gets of it. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { json } from "node:stream/consumers"
import { run } from "../e2e/support/processes.ts"
import { webServer } from "../e2e/support/webServer.ts"

interface Span {
  readonly name: string
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
}

interface Traces {
  readonly resourceSpans: ReadonlyArray<{ readonly scopeSpans: ReadonlyArray<{ readonly spans: ReadonlyArray<Span> }> }>
}

/** Takes whatever is sent, and keeps the bodies by their paths. */
const collector = Effect.gen(function*() {
  const got: Array<{ readonly path: string | undefined; readonly body: unknown }> = []
  const origin = yield* webServer((request, response) => {
    void json(request).then((body) => {
      got.push({ path: request.url, body })
      response.setHeader("content-type", "application/json").end("{}")
    })
  })
  return { got, origin }
})

describe("examples/observability.ts", () => {
  it.scopedLive("sends the whole trace, metrics and logs", () =>
    Effect.gen(function*() {
      const { got, origin } = yield* collector
      const env = { OTEL_EXPORTER_OTLP_ENDPOINT: origin, OTEL_SERVICE_NAME: "a-test" }
      const { code, stderr, stdout } = yield* run("examples/observability.ts", { env })
      assert.deepStrictEqual([code, stderr], [0, ""])
      assert.match(stdout, /3 blocks sent, request \S+\n/)

      assert.sameMembers([...new Set(got.map(({ path }) => path))], ["/v1/logs", "/v1/metrics", "/v1/traces"])
      const spans = got.filter(({ path }) => path === "/v1/traces").flatMap(({ body }) =>
        (body as Traces).resourceSpans.flatMap(({ scopeSpans }) => scopeSpans).flatMap(({ spans }) => spans)
      )
      assert.strictEqual(new Set(spans.map(({ traceId }) => traceId)).size, 1)

      /** The names of a span and of all that it is in. */
      const pathOf = ({ name, parentSpanId }: Span): string => {
        const parent = spans.find(({ spanId }) => spanId === parentSpanId)
        return parent === undefined ? name : `${pathOf(parent)} > ${name}`
      }
      const times = (path: string) => spans.filter((span) => pathOf(span) === path).length
      assert.strictEqual(times("Uploader.putBytes"), 1)
      assert.strictEqual(times("Uploader.putBytes > wcs.block"), 3)
      assert.strictEqual(times("Uploader.putBytes > wcs.block > wcs.mkblk"), 3)
      // The second one is refused once.
      assert.strictEqual(times("Uploader.putBytes > wcs.block > wcs.mkblk > wcs.attempt"), 4)
      assert.strictEqual(times("Uploader.putBytes > wcs.mkfile > wcs.attempt"), 1)
      assert.include(JSON.stringify(got[0]), `{"key":"service.name","value":{"stringValue":"a-test"}}`)
    }))
})
