/** A test of a server that hands out upload tokens, and of its client, which holds no secret key; no network. */
import { HttpClient, HttpClientResponse } from "@effect/platform"
import { assert, it } from "@effect/vitest"
import { Effect, Layer, Redacted } from "effect"
import { Objects, Uploader, UploadTokens, WcsAuthTokens } from "effect-wcs"
import { WcsTest } from "effect-wcs/testing"

/** The server under test: what it answers when it is asked for a token. */
const answer = (name: string) =>
  Effect.gen(function*() {
    const tokens = yield* UploadTokens.UploadTokens
    const token = yield* tokens.issue({ bucket: "media", key: `incoming/${name}` }, { lifetime: "10 minutes" })
    return new Response(Redacted.value(token.text))
  })

/** The client under test: where it gets its tokens, and what it does. */
const Tokens = WcsAuthTokens.layer({
  issue: ({ scope }) =>
    HttpClient.get("https://app.example.com/upload-token", { urlParams: { name: scope.split("/").at(-1) } }).pipe(
      Effect.flatMap(HttpClientResponse.filterStatusOk),
      Effect.flatMap((response) => response.text)
    )
})
const upload = (path: string) =>
  Effect.flatMap(
    Uploader.Uploader,
    (uploader) => uploader.putFile(path, { bucket: "media", key: `incoming/${path}` })
  )

const Server = WcsTest.layer({ buckets: ["media"], files: { "a.txt": "hello" } })

/** Requests of the client to its server, answered in process. */
const Web = Layer.effect(
  HttpClient.HttpClient,
  Effect.map(
    UploadTokens.UploadTokens,
    (tokens) =>
      HttpClient.make((request, url) =>
        answer(url.searchParams.get("name") ?? "").pipe(
          Effect.provideService(UploadTokens.UploadTokens, tokens),
          Effect.orElseSucceed(() => new Response("refused", { status: 400 })),
          Effect.map((response) => HttpClientResponse.fromWeb(request, response))
        )
      )
  )
)

const Client = WcsTest.layerWithoutAuth().pipe(Layer.provide(Tokens), Layer.provide(Web))

it.effect("the client stores a file by the token of the server", () =>
  Effect.gen(function*() {
    yield* Effect.provide(upload("a.txt"), Client)
    const objects = yield* Objects.Objects
    assert.strictEqual((yield* objects.stat({ bucket: "media", key: "incoming/a.txt" })).size, 5)
  }).pipe(Effect.provide(Server)))

it.effect("the client may not look at what is stored", () =>
  Effect.gen(function*() {
    const stat = Effect.flatMap(Objects.Objects, (objects) => objects.stat({ bucket: "media", key: "incoming/a.txt" }))
    const error = yield* Effect.flip(Effect.provide(stat, Client))
    assert.strictEqual(error._tag, "WcsMissingCredentials")
  }).pipe(Effect.provide(Server)))
