/**
 * The files of a record: a block as the official SDK writes it (protocol 16.1), and our manifest, which is a header line
 * and then a line for each thing noted.
 *
 * Files are data: they are parsed by schemas, and what does not fit is told, never guessed.
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { BlockRecord, UploadManifest } from "./UploadRecord.ts"
import { Quantity } from "./wire/Fields.ts"

/**
 * No block's file is larger, in bytes.
 *
 * @since 0.1.0
 * @category constants
 */
export const maxBlockBytes: number = 64 * 1024

/**
 * No manifest is larger, in bytes: it holds a line for each block.
 *
 * @since 0.1.0
 * @category constants
 */
export const maxManifestBytes: number = 256 * 1024 * 1024

/** No line of a manifest is longer: the largest block's ctx and digests fit in many times over. */
const maxLine = 1024 * 1024

/** A crash cuts one line short. A file with more unreadable lines than this is none of ours. */
const maxUnreadable = 1000

/** JSON with a blank after `,` and `:` and nothing but ASCII, as Python writes it. */
const ascii = (text: string) =>
  JSON.stringify(text).replaceAll(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)

/**
 * The file of an accepted block, byte for byte as the official SDK writes it.
 *
 * @since 0.1.0
 * @category encoding
 */
export const encodeBlock = (block: BlockRecord): string =>
  `{"offset": ${block.offset}, "code": 200, "ctx": ${ascii(block.ctx)}, "size": ${block.size}}`

/**
 * The offset that a file's name stands for.
 *
 * @since 0.1.0
 * @category encoding
 */
export const offsetOf = (name: string): Option.Option<number> =>
  /^(?:0|[1-9]\d*)$/.test(name) ? Option.filter(Option.some(Number(name)), Number.isSafeInteger) : Option.none()

/** A block's record as the official SDK writes it, one JSON file a block (protocol 16.1). */
const BlockFile = Schema.parseJson(Schema.Struct({
  /** First byte within the object; also the file's name. */
  offset: Schema.NonNegativeInt,
  /** 200: complete. Anything else: not accepted. */
  code: Quantity,
  /** The last ctx of the block, or the text of an error. */
  ctx: Schema.String,
  /** Length in bytes. */
  size: Schema.NonNegativeInt
}))

const decodeBlockFile = Schema.decodeEither(BlockFile)
const decodeBlockRecord = Schema.decodeEither(BlockRecord)

/**
 * Reads the file of the block at `offset`, or says why the block counts as not accepted.
 *
 * @since 0.1.0
 * @category encoding
 */
export const decodeBlock = (offset: number, text: string): Either.Either<BlockRecord, string> =>
  decodeBlockFile(text).pipe(
    Either.mapLeft(() => "it cannot be read"),
    Either.filterOrLeft((file) => file.code === 200, (file) => `its code is ${file.code}`),
    Either.filterOrLeft((file) => file.offset === offset, (file) => `it is of the block at ${file.offset}`),
    Either.flatMap(({ ctx, size }) =>
      Either.mapLeft(decodeBlockRecord({ offset, size, ctx }), () => "it is incomplete")
    )
  )

const version = 1

const Version = Schema.parseJson(Schema.Struct({ format: Schema.Int }))

const Header = Schema.parseJson(Schema.Struct({
  format: Schema.Literal(version),
  /** Absent beside the blocks of an official SDK's record. */
  manifest: Schema.optionalWith(UploadManifest, { exact: true })
}))

const Note = Schema.parseJson(Schema.Union(BlockRecord, Schema.Struct({ finishing: Schema.Boolean })))

/**
 * The first line of a manifest.
 *
 * @since 0.1.0
 * @category encoding
 */
export const encodeHeader = (manifest?: UploadManifest): string =>
  Schema.encodeSync(Header)({ format: version, ...(manifest && { manifest }) })

/** A line begins with its line break: one that a crash has cut short does not spoil the next. */
const encodeNote = (note: Schema.Schema.Type<typeof Note>) => `\n${Schema.encodeSync(Note)(note)}`

/**
 * The line of an accepted block, to be appended.
 *
 * @since 0.1.0
 * @category encoding
 */
export const encodeAccepted = (block: BlockRecord): string => encodeNote(block)

/**
 * The line that says that a mkfile is about to be sent, to be appended.
 *
 * @since 0.1.0
 * @category encoding
 */
export const finishing: string = encodeNote({ finishing: true })

/**
 * The line that says that the mkfile was refused, to be appended.
 *
 * @since 0.1.0
 * @category encoding
 */
export const refused: string = encodeNote({ finishing: false })

/**
 * What a manifest's file says.
 *
 * @since 0.1.0
 * @category models
 */
export interface ManifestFile {
  readonly manifest: UploadManifest | undefined
  readonly finishing: boolean
  /** The accepted blocks by offset; of several lines for one the last counts. */
  readonly blocks: ReadonlyMap<number, BlockRecord>
}

const decodeNote = Schema.decodeOption(Note)

/** The lines from a place on, without the empty ones, one at a time: a hostile file may have millions. */
function* lines(text: string, from: number): Generator<string> {
  for (let start = from; start < text.length;) {
    const found = text.indexOf("\n", start)
    const end = found < 0 ? text.length : found
    if (end > start) yield text.slice(start, end)
    start = end + 1
  }
}

/**
 * Reads a manifest's file, or says why it cannot be used. Lines after the first that cannot be read are passed over: a
 * crash may have cut them short.
 *
 * @since 0.1.0
 * @category encoding
 */
export const decodeManifest = (text: string): Either.Either<ManifestFile, string> => {
  const end = text.indexOf("\n")
  const first = end < 0 ? text : text.slice(0, end)
  return Either.liftPredicate(first, (line) => line.length <= maxLine, () => "its manifest cannot be read").pipe(
    Either.flatMap(Schema.decodeEither(Version)),
    Either.mapLeft(() => "its manifest cannot be read"),
    Either.filterOrLeft(
      ({ format }) => format === version,
      ({ format }) => `its manifest has the unknown format ${format}`
    ),
    Either.flatMap(() => Either.mapLeft(Schema.decodeEither(Header)(first), () => "its manifest cannot be read")),
    Either.flatMap(({ manifest }) => {
      const blocks = new Map<number, BlockRecord>()
      let finishing = false
      let unreadable = 0
      for (const line of lines(text, first.length + 1)) {
        const note = line.length > maxLine ? Option.none() : decodeNote(line)
        if (Option.isNone(note)) {
          unreadable += 1
          if (unreadable > maxUnreadable) return Either.left("its manifest is mostly none of ours")
        } else if ("offset" in note.value) blocks.set(note.value.offset, note.value)
        else finishing = note.value.finishing
      }
      return Either.right({ manifest, finishing, blocks })
    })
  )
}
