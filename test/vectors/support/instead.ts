import { assert } from "@effect/vitest"
import { type Expectation, expectationOf } from "./expectations.ts"
import type { RecordedRequest, RequestCase } from "./files.ts"

/** The request that is sent here in the place of a recorded one. */
const replaced = (
  recorded: RecordedRequest,
  { body, query, signed = true }: NonNullable<Expectation["request"]>
): RecordedRequest => {
  const request: RecordedRequest = {
    ...recorded,
    ...(query === undefined ? {} : { query }),
    ...(body === undefined ? {} : { body: { kind: "text", text: body } }),
    auth: { kind: signed ? "manager" : "none" }
  }
  assert.notDeepEqual(
    [request.query, request.body, request.auth?.kind],
    [recorded.query, recorded.body, recorded.auth?.kind],
    "a request that is another one than the recorded one"
  )
  return request
}

/** The case with the requests that are expected in the places of recorded ones. */
export const instead = (vector: RequestCase): RequestCase => {
  const request = expectationOf(vector.id)?.request
  return request === undefined
    ? vector
    : { ...vector, requests: vector.requests.map((recorded) => replaced(recorded, request)) }
}
