import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as EmulatorResponse from "../EmulatorResponse.ts"
import type { Action } from "../internal/fmgrAction.ts"
import { compress } from "../internal/fmgrCompress.ts"
import { setDeadline } from "../internal/fmgrDeadline.ts"
import { remove, removeM3u8, removePrefix } from "../internal/fmgrDelete.ts"
import { fetch } from "../internal/fmgrFetch.ts"
import { copy, move } from "../internal/fmgrTransfer.ts"
import * as grammar from "../internal/grammar.ts"
import { authorizeManagement, type Operation } from "../internal/operation.ts"
import * as objects from "../internal/taskObjects.ts"
import { Tasks } from "../internal/tasks.ts"

const readBody = grammar.body(Schema.Struct({
  fops: Schema.String.pipe(Schema.filter((fops) => fops !== "" || "is empty")),
  ...grammar.envelope
}))

/** Starts a task whose commands are separated by `;`; all of them are read before any is run (protocol 7.1, 19.22). */
const operation = ({ name, plan }: Action): Operation => ({
  name,
  methods: ["POST"],
  path: new RegExp(`^/${name}$`),
  handle: (exchange) =>
    Effect.gen(function*() {
      const tasks = yield* Tasks
      const { fops, force, notifyURL, separate } = yield* readBody(yield* authorizeManagement(exchange))
      const errand = yield* objects.errand(exchange.request, force)
      const plans = yield* Effect.forEach(fops.split(";"), (cmd) =>
        Effect.map(plan(cmd, errand), (plan) => ({ ...plan, cmd })))
      yield* grammar.checkBuckets(plans.flatMap(({ buckets }) =>
        buckets
      ))
      const persistentId = yield* tasks.start({
        operation: name,
        notifyUrl: notifyURL || undefined,
        separate,
        input: undefined,
        commands: plans
      })
      return EmulatorResponse.json({ persistentId })
    })
})

/**
 * What fmgr does: copies, moves, deletes, retention, fetches and archives, in tasks (protocol 7).
 *
 * @since 0.1.0
 * @category operations
 */
export const fmgr: ReadonlyArray<Operation> = [
  fetch,
  copy,
  move,
  remove,
  removePrefix,
  removeM3u8,
  setDeadline,
  compress
].map(operation)
