/**
 * Checksums of local files, as the service computes them.
 */
import * as Args from "@effect/cli/Args"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as ChecksumsDigest from "../../layers/ChecksumsDigest.ts"
import * as DigestNode from "../../layers/DigestNode.ts"
import { Checksums } from "../../services/Checksums.ts"
import * as Format from "../Format.ts"
import * as Outcomes from "../Outcomes.ts"
import { Output } from "../Output.ts"
import * as Stdio from "../Stdio.ts"
import * as WcsCommand from "../WcsCommand.ts"

const layer = Layer.provide(ChecksumsDigest.layer, DigestNode.layer)

/** A line for each file. One that cannot be read does not keep the others from theirs. */
const checksum = (name: "etag" | "crc64", description: string) =>
  WcsCommand.local(name, {
    description: `${description} Of the file - it is stdin's.`,
    examples: [`${name} film.mp4`],
    args: { files: Args.text({ name: "FILE" }).pipe(Args.atLeast(1)) }
  }, ({ files }) =>
    Effect.gen(function*() {
      const { crc64OfFile, crc64OfStream, etagOfFile, etagOfStream } = yield* Checksums
      const output = yield* Output
      const [ofFile, ofStream] = name === "etag" ? [etagOfFile, etagOfStream] : [crc64OfFile, crc64OfStream]
      yield* Outcomes.each(files, "file", (file) =>
        Effect.flatMap(
          file === "-" ? ofStream(Stdio.bytes) : ofFile(file),
          (value) => output.result({ file, [name]: value }, `${value}  ${Format.visible(file)}`)
        ))
    }).pipe(Effect.provide(layer)))

export const etag = checksum("etag", "Compute the etags that the service gives to files.")

export const crc64 = checksum("crc64", "Compute the CRC-64/XZ of files.")
