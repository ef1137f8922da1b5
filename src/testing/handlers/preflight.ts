import * as Effect from "effect/Effect"
import * as EmulatorResponse from "../EmulatorResponse.ts"
import type { Operation } from "../internal/operation.ts"
import { refuse } from "../internal/refusal.ts"

/**
 * What a browser asks before a page may send to the upload or download host (assumed: the vendor's browser SDK could not
 * work without it). Whether the page may is told by the headers that all answers of these hosts have.
 *
 * @since 0.1.0
 * @category operations
 */
export const preflight: Operation = {
  name: "preflight",
  methods: ["OPTIONS"],
  path: /^\/(?:(?<upload>file\/upload$|(?:append|mkblk|bput|mkfile)\/.)|download\/[^/]+\/.)/,
  handle: ({ params, request }) => {
    const { "access-control-request-headers": asked, "access-control-request-method": method, origin } = request.headers
    return origin === undefined || method === undefined
      ? refuse(404, "Resource Not Found", "a preflight names its origin and the method that is to follow")
      : Effect.succeed(EmulatorResponse.empty(200, {
        "access-control-allow-methods": params["upload"] === undefined ? "GET, HEAD" : "POST",
        // A star would not cover Authorization.
        ...(asked !== undefined && { "access-control-allow-headers": asked }),
        "access-control-max-age": "600"
      }))
  }
}
