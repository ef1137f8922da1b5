import * as Either from "effect/Either"

/** Bytes from `start` up to and without `end`. */
export interface ByteRange {
  readonly start: number
  readonly end: number
}

/**
 * Reads a Range header: `bytes=a-b`, `a-` or `-n`. `undefined` for another unit, which is ignored; Left for a range
 * that is malformed, not a single one, or outside (protocol 10, 19.24).
 */
export const parse = (header: string, size: number): Either.Either<ByteRange | undefined, "unsatisfiable"> => {
  if (!/^bytes\s*=/i.test(header)) return Either.right(undefined)
  const match = /^bytes\s*=\s*(\d*)\s*-\s*(\d*)\s*$/i.exec(header)
  if (match === null) return Either.left("unsatisfiable")
  const [, first = "", last = ""] = match
  if (first === "" && last === "") return Either.left("unsatisfiable")
  const range = first === ""
    ? { start: Math.max(size - Number(last), 0), end: size }
    : { start: Number(first), end: last === "" ? size : Math.min(Number(last) + 1, size) }
  return range.start < range.end ? Either.right(range) : Either.left("unsatisfiable")
}
