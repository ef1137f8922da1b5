/** Upload tokens: token make, token explain. */
import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { Base64Url, UploadToken } from "effect-wcs"
import { createHmac } from "node:crypto"
import { emulator, secretKey } from "../e2e/support/service.ts"
import { fails, type Place, place, start, succeeds, wcscmd } from "./support/wcscmd.ts"

/** A token of the emulator's account, made with a secret key. */
const signed = (policy: object, key: string) => {
  const encoded = Base64Url.encode(JSON.stringify(policy))
  return UploadToken.join("test-access-key", createHmac("sha1", key).update(encoded).digest(), encoded)
}

const makes = (place: Place, ...line: ReadonlyArray<string>) =>
  Effect.scoped(
    Effect.flatMap(
      start("wcscmd", place, { arguments: ["token", "make", ...line], printsToken: true }),
      ({ end }) =>
        Effect.map(end, ({ code, stderr, stdout }) => {
          assert.deepStrictEqual([code, stderr], [0, ""])
          return stdout
        })
    )
  )

const explains = (place: Place, stdin: string, ...line: ReadonlyArray<string>) =>
  Effect.scoped(
    Effect.flatMap(start("wcscmd", place, { arguments: ["token", "explain", ...line], stdin }), ({ end }) => end)
  )

layer(emulator, { excludeTestServices: true })("wcscmd on tokens", (it) => {
  it.scoped("make prints a token, and explain tells what it says", () =>
    Effect.gen(function*() {
      const here = yield* place
      const settings = ["--overwrite", "--returnbody", "k=$(key)", "--deadline", "90", "--persistentops", "avthumb/mp4"]
      const rest = ["--separate", "1", "--fsize-limit", "1000", "--extra", "x-new={\"a\":1}"]
      const token = yield* makes(here, "wcs://media/a/b c.txt", ...settings, ...rest)
      assert.match(token, /^test-access-key:[\w-]{54}==:[\w=-]+\n$/)
      const { code, stderr, stdout } = yield* explains(here, `UpToken ${token}`, "-", "--json")
      assert.deepStrictEqual([code, stderr], [0, ""])
      const said = JSON.parse(stdout)
      assert.deepInclude(said, {
        accessKey: "test-access-key",
        signature: "fits",
        scope: { bucket: "media", key: "a/b c.txt" },
        expired: false
      })
      const { deadline, ...policy } = said.policy
      assert.strictEqual(new Date(deadline).toISOString(), said.deadline)
      assert.deepStrictEqual(policy, {
        scope: "media:a/b c.txt",
        overwrite: 1,
        fsizeLimit: 1000,
        returnBody: "k=$(key)",
        persistentOps: "avthumb/mp4",
        separate: 1,
        "x-new": { a: 1 }
      })
      assert.deepStrictEqual(said.problems, [{ field: "x-new", problem: "is no field that is known here" }])
      const json = JSON.parse(yield* makes(here, "wcs://media", "--save-key", "$(fname)", "--json"))
      assert.deepStrictEqual(json.scope, { bucket: "media", key: null })
      assert.deepInclude(json.policy, { scope: "media", saveKey: "$(fname)" })
      assert.deepInclude(yield* UploadToken.parse(json.token), { scope: "media", deadline: Date.parse(json.deadline) })
      assert.include(yield* fails(here, 2, "token", "make", "wcs://media", "--callbackbody", "a=1"), "--callbackbody: ")
    }))

  it.scoped("explain tells an old token, a foreign one, and what is none", () =>
    Effect.gen(function*() {
      const here = yield* place
      const old = signed({ scope: "media", deadline: 1_700_000_000_000 }, secretKey)
      assert.strictEqual(
        yield* succeeds(here, "token", "explain", old),
        [
          "access key  test-access-key",
          "signature   fits: made with the secret key of the settings",
          "bucket      media",
          "object      any new one",
          "ends        2023-11-14T22:13:20Z, it has ended\n"
        ].join("\n")
      )
      const foreign = signed({ scope: "media", deadline: "4102444800000" }, "another-key")
      const signature = (env: Place["env"]) =>
        Effect.map(
          succeeds({ ...here, env }, "token", "explain", "--json", foreign),
          (said) => JSON.parse(said).signature
        )
      assert.strictEqual(yield* signature(here.env), "does not fit")
      assert.strictEqual(yield* signature({ HOME: here.cwd }), "not checked")
      const none = yield* fails(here, 2, "token", "explain", "test-access-key:abc:def")
      assert.strictEqual(none, "wcscmd: token: its policy is not JSON with scope and deadline\n")
    }))

  it.scoped("explain tells what is wrong with a policy alone", () =>
    Effect.gen(function*() {
      const here = yield* place
      const policy = {
        scope: "media:/a",
        deadline: 1_700_000_000,
        overwrite: 2,
        callbackurl: "http://a.test/",
        callbackBody: "a=1",
        fsizeLimit: "5"
      }
      const { code, stderr, stdout } = yield* wcscmd(here, "token", "explain", JSON.stringify(policy), "--json")
      assert.strictEqual(code, 2)
      assert.deepStrictEqual(
        JSON.parse(stdout).problems.map(({ field, problem }: { [name: string]: string }) => `${field} ${problem}`),
        [
          "scope a key does not begin or end with a slash",
          "deadline counts milliseconds since 1970, and this looks like seconds",
          "overwrite is 0 or 1",
          "callbackurl is no field: callbackUrl is meant",
          "callbackBody has no effect without callbackUrl"
        ]
      )
      assert.include(JSON.parse(stderr).error, {
        tag: "UsageError",
        message: "the policy's scope: a key does not begin or end with a slash, and 4 more"
      })
      assert.strictEqual(
        yield* fails(here, 2, "token", "explain", "{\"scope\":"),
        "wcscmd: the policy is not a JSON object\n"
      )
    }))
})
