import type * as FileSystem from "@effect/platform/FileSystem"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"

/** How long a file has stood still, in milliseconds; `None` where it is gone. */
export const stillFor = (fs: FileSystem.FileSystem, file: string): Effect.Effect<Option.Option<number>> =>
  Effect.zipWith(
    fs.stat(file),
    Clock.currentTimeMillis,
    ({ mtime }, now) => Option.map(mtime, (at) => now - at.getTime())
  ).pipe(Effect.orElseSucceed(() => Option.none()))
