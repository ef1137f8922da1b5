/** What every program over effect and its HTTP client carries: nothing of this package. */
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as HttpClient from "@effect/platform/HttpClient"
import * as Effect from "effect/Effect"

const program = Effect.gen(function*() {
  const { status } = yield* HttpClient.head("https://media.example/film.mp4")
  yield* Effect.log(status)
})

await Effect.runPromise(Effect.provide(program, FetchHttpClient.layer))
