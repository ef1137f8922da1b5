/**
 * What the emulator answers, or that it does not.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import type * as Stream from "effect/Stream"

/**
 * The connection broke: by a fault, or because the request's own body did.
 *
 * @since 0.1.0
 * @category errors
 */
export class EmulatorDisconnect extends Schema.TaggedError<EmulatorDisconnect>(
  "effect-wcs/testing/EmulatorDisconnect"
)("EmulatorDisconnect", {
  /** `reset`: no answer at all. `cut`: in the middle of the answer's body. `request`: the client stopped sending. */
  reason: Schema.Literal("reset", "cut", "request"),
  cause: Schema.optional(Schema.Defect)
}) {
  override get message(): string {
    return `the connection broke (${this.reason})`
  }
}

/**
 * An answer.
 *
 * @since 0.1.0
 * @category models
 */
export interface EmulatorResponse {
  readonly status: number
  /** By lower-case name. */
  readonly headers: { readonly [name: string]: string }
  readonly body: Uint8Array | Stream.Stream<Uint8Array, EmulatorDisconnect>
}

const encoder = new TextEncoder()

/**
 * A JSON answer (protocol 1.3).
 *
 * @since 0.1.0
 * @category constructors
 */
export const json = (
  body: unknown,
  options: { readonly status?: number | undefined; readonly headers?: EmulatorResponse["headers"] | undefined } = {}
): EmulatorResponse => ({
  status: options.status ?? 200,
  headers: { "content-type": "application/json;charset=UTF-8", ...options.headers },
  body: encoder.encode(JSON.stringify(body))
})

/**
 * A text answer, as form uploads have it (protocol 4.2).
 *
 * @since 0.1.0
 * @category constructors
 */
export const text = (body: string, contentType = "text/plain;charset=UTF-8"): EmulatorResponse => ({
  status: 200,
  headers: { "content-type": contentType },
  body: encoder.encode(body)
})

/**
 * An answer without a body.
 *
 * @since 0.1.0
 * @category constructors
 */
export const empty = (status: number, headers: EmulatorResponse["headers"] = {}): EmulatorResponse => ({
  status,
  headers,
  body: new Uint8Array(0)
})
