import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as EmulatorResponse from "../EmulatorResponse.ts"
import * as fopsTask from "../internal/fops.ts"
import * as grammar from "../internal/grammar.ts"
import { authorizeManagement, type Operation } from "../internal/operation.ts"
import * as objects from "../internal/taskObjects.ts"

const readBody = grammar.body(Schema.Struct({
  bucket: grammar.Bucket,
  key: grammar.Key,
  fops: grammar.Name,
  ...grammar.envelope
}))

/**
 * Starts a task of media commands on an object that has to be there (protocol 8.1). A result without `saveas` is stored
 * in the object's bucket under `fops/` and a hash.
 *
 * @since 0.1.0
 * @category operations
 */
export const fops: Operation = {
  name: "fops",
  methods: ["POST"],
  path: /^\/fops$/,
  handle: (exchange) =>
    Effect.gen(function*() {
      const { bucket, force, fops, key, notifyURL, separate } = yield* readBody(yield* authorizeManagement(exchange))
      yield* exchange.identify({ bucket, key })
      const pipelines = yield* fopsTask.read(fops)
      yield* grammar.checkBuckets([bucket])
      const { content } = yield* objects.find({ bucket, key })
      const persistentId = yield* fopsTask.start(
        yield* objects.errand(exchange.request, force),
        { bucket, key, fsize: content.size },
        pipelines,
        { notifyUrl: notifyURL || undefined, separate }
      )
      return EmulatorResponse.json({ persistentId })
    })
}
