/**
 * `FileManager` over `WcsHttpClient`.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as FileCommand from "../domain/FileCommand.ts"
import { WcsInvalidInput } from "../domain/WcsError.ts"
import * as Tasks from "../domain/wire/Tasks.ts"
import * as tasks from "../internal/tasks.ts"
import { FileManager, type Start } from "../services/FileManager.ts"
import { WcsConfig } from "../services/WcsConfig.ts"
import { WcsHttpClient } from "../services/WcsHttpClient.ts"

/** The tasks of which a second run finds nothing left to do. */
const repeatable: ReadonlySet<Tasks.FileAction> = new Set(["delete", "deletePrefix", "deletem3u8", "setdeadline"])

/**
 * Asynchronous file management over `WcsHttpClient`.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make: Effect.Effect<FileManager["Type"], never, WcsConfig | WcsHttpClient> = Effect.gen(function*() {
  const config = yield* WcsConfig
  const client = yield* WcsHttpClient

  const start = <Command>(
    name: string,
    action: Tasks.FileAction,
    encode: (command: Command) => Either.Either<string, WcsInvalidInput>
  ): Start<Command> =>
  (commands, options = {}) =>
    Effect.gen(function*() {
      if (commands.length === 0) return yield* new WcsInvalidInput({ input: "commands", detail: "is empty" })
      const encoded = yield* Either.all(commands.map(encode))
      const envelope = yield* tasks.envelope(config.tasks, options)
      return yield* client.execute(Tasks.fmgr(action, encoded, envelope), {
        repeat: repeatable.has(action) ? "always" : "refused"
      })
    }).pipe(Effect.withSpan(`FileManager.${name}`, { attributes: { "wcs.commands": commands.length } }))

  return FileManager.of({
    move: start("move", "move", FileCommand.transfer),
    copy: start("copy", "copy", FileCommand.transfer),
    fetch: start("fetch", "fetch", FileCommand.fetch),
    delete: start("delete", "delete", FileCommand.remove),
    deletePrefix: start("deletePrefix", "deletePrefix", FileCommand.deletePrefix),
    deleteM3u8: start("deleteM3u8", "deletem3u8", FileCommand.deleteM3u8),
    setDeadline: start("setDeadline", "setdeadline", FileCommand.setDeadline),
    compress: start("compress", "compress", FileCommand.compress),
    ...tasks.queries(client, "FileManager", "fmgr/status", Tasks.fmgrStatus)
  })
})

/**
 * `FileManager` over `WcsHttpClient`.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<FileManager, never, WcsConfig | WcsHttpClient> = Layer.effect(FileManager, make)
