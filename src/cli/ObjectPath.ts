/**
 * `wcs://BUCKET/OBJECT`, as the vendor's tool writes where an object is (protocol 14.1).
 */
import * as Args from "@effect/cli/Args"
import * as HelpDoc from "@effect/cli/HelpDoc"
import * as Either from "effect/Either"
import type { ObjectLocation } from "../domain/Entry.ts"

/** A bucket, and what stands behind its slash. */
export interface ObjectPath {
  readonly bucket: string
  /** Empty for the bucket itself. */
  readonly key: string
}

const scheme = "wcs://"

/** Reads `wcs://BUCKET`, `wcs://BUCKET/` and `wcs://BUCKET/OBJECT`. Nothing in it is decoded: a key is as it stands. */
export const parse = (text: string, wanted = "wcs://BUCKET/OBJECT"): Either.Either<ObjectPath, string> => {
  if (!text.startsWith(scheme)) return Either.left(`${wanted} is expected, not ${text}`)
  const path = text.slice(scheme.length)
  const slash = path.indexOf("/")
  const bucket = slash < 0 ? path : path.slice(0, slash)
  return bucket === ""
    ? Either.left(`there is no bucket in ${text}: ${wanted} is expected`)
    : Either.right({ bucket, key: slash < 0 ? "" : path.slice(slash + 1) })
}

/** Whether a text names a place in the service and not a local file. */
export const isRemote = (text: string): boolean => text.startsWith(scheme)

/** An object as people write it. */
export const format = ({ bucket, key }: ObjectPath): string => `${scheme}${bucket}/${key}`

/** Who leaves the scheme out is told of it. */
const meant = (text: string, path: RegExp) => (problem: string): string =>
  path.test(text) ? `${problem}; did you mean ${scheme}${text}?` : problem

/** Reads `wcs://BUCKET/OBJECT`. */
export const parseObject = (text: string): Either.Either<ObjectLocation, string> =>
  Either.filterOrLeft(
    Either.mapLeft(parse(text), meant(text, /^[^/:]+\/[^/]/)),
    ({ key }) => key !== "",
    () => `there is no object in ${text}: wcs://BUCKET/OBJECT is expected`
  )

/** Reads `wcs://BUCKET`; `instead` says how something inside of it is named. */
export const parseBucket = (text: string, instead?: string): Either.Either<string, string> =>
  Either.filterOrLeft(
    Either.mapLeft(parse(text, "wcs://BUCKET"), meant(text, /^[^/:]+$/)),
    ({ key }) => key === "",
    () => `a bucket is expected, wcs://BUCKET, not ${text}${instead === undefined ? "" : `; ${instead}`}`
  ).pipe(Either.map(({ bucket }) => bucket))

const read = <A>(name: string, parse: (text: string) => Either.Either<A, string>) =>
  Args.text({ name }).pipe(
    Args.mapEffect((text) => Either.mapLeft(parse(text), (problem) => HelpDoc.p(problem)))
  )

/** `wcs://BUCKET/OBJECT`. */
export const object = (name = "wcs://BUCKET/OBJECT"): Args.Args<ObjectLocation> => read(name, parseObject)

/** `wcs://BUCKET`, and maybe an object. */
export const place = (name = "wcs://BUCKET[/OBJECT]"): Args.Args<ObjectPath> => read(name, (text) => parse(text))

/** `wcs://BUCKET`. */
export const bucket = (instead?: string): Args.Args<string> =>
  read("wcs://BUCKET", (text) => parseBucket(text, instead))
