import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { OperationName } from "../EmulatorRequest.ts"
import * as EmulatorResponse from "../EmulatorResponse.ts"
import type { Operation } from "../internal/operation.ts"
import * as parameters from "../internal/parameters.ts"
import { refuse } from "../internal/refusal.ts"
import { document, Tasks } from "../internal/tasks.ts"

/** Tells how a task of one family is doing; asking needs no signature (protocol 2.4). */
const status = (name: OperationName, path: RegExp, isFamily: (operation: OperationName) => boolean): Operation => ({
  name,
  methods: ["GET"],
  path,
  handle: ({ request }) =>
    Effect.gen(function*() {
      const tasks = yield* Tasks
      const id = parameters.read(request.query).get("persistentId")
      if (!id) return yield* refuse(400, "Invalid Parameter", "persistentId is needed")
      const task = Option.filter(yield* tasks.find(id), ({ operation }) => isFamily(operation))
      return Option.isSome(task)
        ? EmulatorResponse.json(document(task.value))
        : yield* refuse(404, "PersistentId Not Found")
    })
})

/**
 * How a task of fmgr is doing (protocol 7.9).
 *
 * @since 0.1.0
 * @category operations
 */
export const fmgrStatus: Operation = status("fmgr/status", /^\/fmgr\/status$/, (name) => name.startsWith("fmgr/"))

/**
 * How a task of fops is doing (protocol 8.2).
 *
 * @since 0.1.0
 * @category operations
 */
export const fopsStatus: Operation = status("fops/status", /^\/status\/get\/prefop$/, (name) => name === "fops")
