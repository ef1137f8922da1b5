import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Task from "../domain/Task.ts"
import { type WcsError, type WcsInvalidInput, WcsTaskPending } from "../domain/WcsError.ts"
import * as WebUrl from "../domain/WebUrl.ts"
import type { Operation, WcsRequest } from "../domain/wire/WcsRequest.ts"
import * as Polling from "../services/Polling.ts"
import type { WcsHttpClient } from "../services/WcsHttpClient.ts"

/** How a task is run, checked, with the settings in the gaps. */
export const envelope = (
  defaults: Task.TaskOptions,
  options: Task.TaskOptions
): Either.Either<Task.TaskOptions, WcsInvalidInput> => {
  const notifyUrl = options.notifyUrl ?? defaults.notifyUrl
  const rest = { separate: options.separate ?? defaults.separate, force: options.force ?? defaults.force }
  return notifyUrl === undefined
    ? Either.right({ ...rest, notifyUrl })
    : Either.map(WebUrl.check("notifyUrl", notifyUrl), (notifyUrl) => ({ ...rest, notifyUrl }))
}

/** The queries about tasks of one family. */
export const queries = (
  client: WcsHttpClient["Type"],
  name: string,
  operation: Operation,
  request: (id: Task.PersistentId) => WcsRequest<Task.TaskStatus>
): {
  readonly status: (id: string) => Effect.Effect<Task.TaskStatus, WcsError>
  readonly await: (id: string, options?: Polling.PollingOptions) => Effect.Effect<Task.TaskReport, WcsError>
} => {
  const status = (id: string) => Effect.flatMap(Task.persistentId(id), (checked) => client.execute(request(checked)))
  return {
    status: (id) => Effect.withSpan(status(id), `${name}.status`),
    await: (id, { schedule = Polling.schedule } = {}) =>
      Effect.suspend(() => {
        // What the schedule makes of the answers is its own affair: the last one is kept here.
        let last: Task.TaskStatus = { id, state: "waiting", description: "", items: [], source: Option.none() }
        let outage: WcsError | undefined
        const ask = Effect.match(status(id), {
          onFailure: (error) => {
            outage = error
            return last
          },
          onSuccess: (answer) => {
            outage = undefined
            return last = answer
          }
        })
        // A service that is away for a while is asked again by the schedule.
        const isOver = () => outage === undefined ? Task.hasEnded(last) : !outage.isRetryable
        return Effect.flatMap(Effect.repeat(ask, { schedule, until: isOver }), () =>
          outage !== undefined
            ? Effect.fail(outage)
            : Task.hasEnded(last)
            ? Effect.succeed(Task.report(last))
            : new WcsTaskPending({ operation, persistentId: id, state: last.state }))
      }).pipe(Effect.withSpan(`${name}.await`))
  }
}
