/** What an emulator holds, and what it was asked. */
import { Effect, Stream } from "effect"
import type { Entry } from "effect-wcs"
import { Emulator } from "effect-wcs/testing"

export const emulator = <A, E, R>(use: (emulator: Emulator.Emulator["Type"]) => Effect.Effect<A, E, R>) =>
  Effect.flatMap(Emulator.Emulator, use)

/** The operation of every request so far. */
export const operations = emulator((emulator) =>
  Effect.map(emulator.requests, (requests) => requests.map(({ operation }) => operation))
)

export const collect = <E, R>(stream: Stream.Stream<Uint8Array, E, R>) =>
  Effect.map(Stream.runCollect(stream), (chunks) => Buffer.concat([...chunks]))

/** What an object holds. */
export const contentOf = (location: Entry.ObjectLocation) => emulator(({ content }) => collect(content(location)))

/** The keys of a bucket. */
export const keysOf = (bucket: string) =>
  emulator((emulator) => Effect.map(emulator.objects(bucket), (objects) => objects.map(({ key }) => key)))

/** Stores objects in a bucket, by their keys. */
export const putAll = (bucket: string, contents: { readonly [key: string]: string | Uint8Array }) =>
  emulator((emulator) =>
    Effect.forEach(
      Object.entries(contents),
      ([key, content]) => emulator.putObject({ bucket, key }, content),
      { discard: true }
    )
  )
