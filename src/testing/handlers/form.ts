import * as Effect from "effect/Effect"
import * as fopsPersistent from "../internal/fopsPersistent.ts"
import * as forms from "../internal/forms.ts"
import type { Operation } from "../internal/operation.ts"
import * as uploads from "../internal/upload.ts"

/**
 * A form upload (protocol 5.1, 19.17).
 *
 * @since 0.1.0
 * @category operations
 */
export const form: Operation = {
  name: "form",
  methods: ["POST"],
  path: /^\/file\/upload$/,
  handle: (exchange) =>
    forms.handle(exchange, uploads.stage, (upload) =>
      Effect.gen(function*() {
        yield* uploads.checkSize(upload.grant, upload.content.size)
        const lookup = yield* fopsPersistent.begin(exchange, upload.grant, uploads.commit(exchange, upload))
        return { lookup, headers: {} }
      }))
}
