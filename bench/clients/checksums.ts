/** This package's checksum of a file, as a program that needs no account makes it. */
import { NodeContext } from "@effect/platform-node"
import { Effect, Layer } from "effect"
import { Checksums, ChecksumsDigest } from "effect-wcs"
import { DigestNode } from "effect-wcs/node"
import { begin, task } from "./measure.ts"

const ChecksumsLive = Layer.provide(ChecksumsDigest.layer, [DigestNode.layer, NodeContext.layer])

/** Measures the checksum that a method makes. */
export const measure = (method: "etagOfFile" | "crc64OfFile"): Promise<void> =>
  Effect.gen(function*() {
    const checksums = yield* Checksums.Checksums
    const end = begin()
    yield* checksums[method](task.file)
    end()
  }).pipe(Effect.provide(ChecksumsLive), Effect.runPromise)
