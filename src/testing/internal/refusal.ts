import * as Data from "effect/Data"
import * as EmulatorResponse from "../EmulatorResponse.ts"

/** An answer that refuses, with the service's own texts where they are known (protocol 12.3). */
export class Refusal extends Data.TaggedError("Refusal")<{
  readonly status: number
  readonly text: string
  /** For whoever tests a client: what may be wrong with it. */
  readonly hint?: string | undefined
  readonly headers?: EmulatorResponse.EmulatorResponse["headers"] | undefined
}> {}

export const refuse = (status: number, text: string, hint?: string): Refusal => new Refusal({ status, text, hint })

/** The header that tells an emulator's hint. */
export const hintHeader = "x-emulator-hint"

/** The body is `{"code":"<status>","message":"…"}` with the code as text (protocol 12.1). */
export const toResponse = (refusal: Refusal): EmulatorResponse.EmulatorResponse =>
  EmulatorResponse.json({ code: String(refusal.status), message: refusal.text }, {
    status: refusal.status,
    headers: { ...refusal.headers, ...(refusal.hint !== undefined && { [hintHeader]: refusal.hint }) }
  })
