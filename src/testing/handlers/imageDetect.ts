import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Entry from "../../domain/Entry.ts"
import type { ImageQuestion, ImageVerdict } from "../EmulatorMedia.ts"
import * as EmulatorResponse from "../EmulatorResponse.ts"
import * as grammar from "../internal/grammar.ts"
import { authorizeManagement, type Operation } from "../internal/operation.ts"
import { Settings } from "../internal/settings.ts"

const readBody = grammar.body(Schema.Struct({
  image: grammar.Url,
  type: Schema.Literal("porn", "terror", "political"),
  // The one bucket in a body that is not in Base64.
  bucket: Entry.BucketName
}))

const result = ({ image, type }: ImageQuestion, verdict: ImageVerdict) =>
  "errMessage" in verdict ? { image, ...verdict } : { image, errMessage: "", [`${type}Detect`]: verdict }

/**
 * Looks at an image with the eyes of the option `detectImage` (protocol 9.1).
 *
 * @since 0.1.0
 * @category operations
 */
export const imageDetect: Operation = {
  name: "imageDetect",
  methods: ["POST"],
  path: /^\/imageDetect$/,
  handle: (exchange) =>
    Effect.gen(function*() {
      const { detectImage } = yield* Settings
      const question = yield* readBody(yield* authorizeManagement(exchange))
      yield* grammar.checkBuckets([question.bucket])
      const verdict = detectImage === undefined
        ? { errMessage: "The Emulator Looks Into No Image" }
        : yield* detectImage(question)
      return EmulatorResponse.json({ results: [result(question, verdict)] })
    })
}
