/** Files for `wcscmd`, and lines of its JSON. */
import { FileSystem } from "@effect/platform"
import { Effect, Schedule, TestServices } from "effect"
import { place } from "./wcscmd.ts"

/** What a command printed with `--json`, line by line. */
export const lines = (text: string): ReadonlyArray<any> => text.trimEnd().split("\n").map((line) => JSON.parse(line))

const encoder = new TextEncoder()

/** Writes files, and makes their folders. */
export const write = (folder: string, files: { readonly [path: string]: string | Uint8Array }) =>
  Effect.gen(function*() {
    const fs = yield* FileSystem.FileSystem
    for (const [path, content] of Object.entries(files)) {
      const file = `${folder}/${path}`
      yield* fs.makeDirectory(file.slice(0, file.lastIndexOf("/")), { recursive: true })
      yield* fs.writeFile(file, typeof content === "string" ? encoder.encode(content) : content)
    }
  })

/** A place with files in it. */
export const placeWith = (files: Parameters<typeof write>[1]) => Effect.tap(place, ({ cwd }) => write(cwd, files))

/** The names of all that is below a folder; none of an absent one. */
export const namesBelow = (folder: string) =>
  Effect.flatMap(
    FileSystem.FileSystem,
    (fs) => Effect.orElseSucceed(fs.readDirectory(folder, { recursive: true }), (): Array<string> => [])
  )

/** Waits, by the real clock, until something is so. */
export const until = <A, E, R>(look: Effect.Effect<A, E, R>, isSo: (found: A) => boolean) =>
  TestServices.provideLive(Effect.repeat(look, { schedule: Schedule.spaced("20 millis"), until: isSo }))
