import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import type { Digest } from "../../services/Digest.ts"
import type { EmulatorStorage, EmulatorStorageError } from "../EmulatorStorage.ts"
import type { EmulatorTask, EmulatorTaskItem } from "../EmulatorTask.ts"
import type { Catalog } from "./catalog.ts"
import type { Credentials } from "./credentials.ts"
import { hexId } from "./ids.ts"
import type { Refusal } from "./refusal.ts"
import { Settings } from "./settings.ts"
import { deliver, type WebFailure } from "./web.ts"

/** What a command that succeeded tells beside its success (protocol 7.9, 8.2). */
export type Outcome = Omit<EmulatorTaskItem, "cmd" | "code" | "error">

export type CommandError = Refusal | WebFailure | EmulatorStorageError

/** What commands may use. */
export type TaskServices = Settings | Credentials | Catalog | EmulatorStorage | Digest

export interface Command {
  /** As it was sent. */
  readonly cmd: string
  /** The scope is the command's own. */
  readonly run: Effect.Effect<Outcome, CommandError, TaskServices | Scope.Scope>
}

export interface NewTask extends Pick<EmulatorTask, "operation" | "separate" | "notifyUrl" | "input"> {
  readonly commands: ReadonlyArray<Command>
}

/** The asynchronous tasks. They live as long as the emulator; none outlives it, whatever its storage. */
export class Tasks extends Context.Tag("effect-wcs/testing/internal/tasks")<Tasks, {
  /** Gives the id at once; the task runs by itself. */
  readonly start: (task: NewTask) => Effect.Effect<string>
  readonly find: (id: string) => Effect.Effect<Option.Option<EmulatorTask>>
  /** In the order in which they came. */
  readonly all: Effect.Effect<ReadonlyArray<EmulatorTask>>
}>() {}

const taskTexts: Readonly<Record<EmulatorTask["code"], string>> = {
  0: "fileOperateWaiting",
  1: "fileOperateRunning",
  3: "fileOperateSucceed",
  4: "fileOperateNotifying",
  5: "fileOperateNotifyFailed",
  6: "fileOperateNotified"
}

const itemTexts: Readonly<Record<EmulatorTaskItem["code"], string>> = {
  0: taskTexts[0],
  1: taskTexts[1],
  2: "fileOperateFailed",
  3: taskTexts[3]
}

/** A task as its status is told (protocol 7.9, 8.2); of the texts only that of success is known. */
export const document = ({ code, id, input, items, separate }: EmulatorTask): unknown => ({
  id,
  code,
  desc: taskTexts[code],
  separate: Number(separate),
  ...(input && { inputbucket: input.bucket, inputkey: input.key, inputfsize: input.fsize }),
  items: items.map(({ cmd, code, error, ...outcome }) => ({ cmd, code, desc: itemTexts[code], error, ...outcome }))
})

/** What went wrong, for the item. */
const explain = (error: CommandError): string =>
  error._tag === "EmulatorStorageError"
    ? "Internal Server Error"
    : error._tag === "Refusal" && error.hint !== undefined
    ? `${error.text}: ${error.hint}`
    : error.text

type Ending = Omit<EmulatorTaskItem, "cmd">

/** How a command ends: a mistake of the emulator's, or of a function of its options, is a failure, too. */
const carryOut = ({ run }: Command): Effect.Effect<Ending, never, TaskServices> =>
  run.pipe(
    Effect.scoped,
    Effect.map((outcome): Ending => ({ ...outcome, code: 3, error: null })),
    Effect.tapErrorTag("EmulatorStorageError", (error) => Effect.logError("the emulator's storage failed", error)),
    Effect.tapDefect((cause) => Effect.logError("a command of a task failed", cause)),
    Effect.catchAllCause((cause) =>
      Effect.succeed<Ending>({
        code: 2,
        error: Option.match(Cause.failureOption(cause), { onNone: () => "Internal Server Error", onSome: explain })
      })
    )
  )

const hasEnded = ({ code, notifyUrl }: EmulatorTask): boolean => code > 4 || (code === 3 && notifyUrl === undefined)

export const make: Effect.Effect<Tasks["Type"], never, TaskServices | Scope.Scope> = Effect.gen(function*() {
  const { logSize, taskDelay, taskDuration } = yield* Settings
  const scope = yield* Effect.scope
  const context = yield* Effect.context<TaskServices>()
  const tasks = new Map<string, EmulatorTask>()

  /** Of those that have ended the oldest are forgotten. */
  const forget = () => {
    for (const [id, task] of tasks) {
      if (tasks.size <= logSize) return
      if (hasEnded(task)) tasks.delete(id)
    }
  }

  const run = (first: EmulatorTask, items: Array<EmulatorTaskItem>, commands: NewTask["commands"]) =>
    Effect.gen(function*() {
      const become = (code: EmulatorTask["code"]) => Effect.sync(() => void tasks.set(first.id, { ...first, code }))
      const itemBecomes = (index: number, item: EmulatorTaskItem) =>
        Effect.sync(() => {
          items[index] = item
        })
      const { notifyUrl, separate } = first
      /** Whether the customer's server has taken it; what it is told is the task that is done (protocol 7.9). */
      const notify = (url: string, items: EmulatorTask["items"]) =>
        Effect.isSuccess(deliver(url, JSON.stringify(document({ ...first, code: 3, items }))))

      yield* Effect.sleep(taskDelay)
      yield* become(1)
      const told = yield* Effect.forEach(commands, (command, index) =>
        Effect.gen(function*() {
          const { cmd } = command
          yield* itemBecomes(index, { cmd, code: 1, error: null })
          yield* Effect.sleep(taskDuration)
          const item = { cmd, ...(yield* carryOut(command)) }
          yield* itemBecomes(index, item)
          return notifyUrl !== undefined && separate
            ? yield* Effect.fork(notify(notifyUrl, [item]))
            : Fiber.succeed(true)
        }))
      yield* become(3)
      if (notifyUrl === undefined) return
      yield* Effect.sleep(taskDelay)
      yield* become(4)
      const delivered = separate
        ? (yield* Fiber.join(Fiber.all(told))).every(Boolean)
        : yield* notify(notifyUrl, items)
      yield* become(delivered ? 6 : 5)
    })

  return Tasks.of({
    start: ({ commands, ...task }) =>
      Effect.gen(function*() {
        const id = `${yield* hexId}${(yield* hexId).slice(0, 6)}`
        const items = commands.map(({ cmd }): EmulatorTaskItem => ({ cmd, code: 0, error: null }))
        const first: EmulatorTask = { ...task, id, code: 0, items }
        tasks.set(id, first)
        forget()
        yield* run(first, items, commands).pipe(Effect.interruptible, Effect.provide(context), Effect.forkIn(scope))
        return id
      }).pipe(Effect.uninterruptible),
    find: (id) => Effect.sync(() => Option.fromNullable(tasks.get(id))),
    all: Effect.sync(() => Array.from(tasks.values(), (task) => ({ ...task, items: task.items.slice() })))
  })
})
