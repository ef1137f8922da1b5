/**
 * What is wrong with an upload policy as it travels (protocol 3).
 */
import * as DateTime from "effect/DateTime"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Entry from "../domain/Entry.ts"
import * as UploadPolicy from "../domain/UploadPolicy.ts"
import type { WcsInvalidInput } from "../domain/WcsError.ts"

/** Something wrong with a field. */
export interface Problem {
  readonly field: string
  readonly problem: string
}

/** A policy as its JSON has it. */
export interface WirePolicy {
  readonly [field: string]: unknown
}

/** A number, which may travel as text. */
const number = (value: unknown): number =>
  typeof value === "number" ? value : typeof value === "string" && /^\d{1,16}$/.test(value) ? Number(value) : NaN

/** What a field's value has to be. */
const kinds = {
  text: { isRight: Predicate.isString, expected: "is text" },
  flag: { isRight: (value: unknown) => number(value) === 0 || number(value) === 1, expected: "is 0 or 1" },
  count: {
    isRight: (value: unknown) => Number.isSafeInteger(number(value)) && number(value) >= 0,
    expected: "is a whole number, 0 or more"
  },
  either: {
    isRight: (value: unknown) => Predicate.isString(value) || Predicate.isNumber(value),
    expected: "is text or a number"
  }
}

const fields: { readonly [field: string]: keyof typeof kinds } = {
  scope: "text",
  deadline: "count",
  saveKey: "text",
  fsizeLimit: "count",
  overwrite: "flag",
  returnUrl: "text",
  returnBody: "text",
  callbackUrl: "text",
  callbackBody: "text",
  persistentOps: "text",
  persistentNotifyUrl: "text",
  separate: "flag",
  contentDetect: "text",
  detectNotifyURL: "text",
  detectNotifyRule: "text",
  hashAlgorithm: "text",
  instant: "count",
  lastModifiedTime: "either"
}

/** Where a scope leads: to a bucket, or to one object of it. */
export const target = (scope: string): { readonly bucket: string; readonly key: string | null } => {
  const colon = scope.indexOf(":")
  return colon < 0 ? { bucket: scope, key: null } : { bucket: scope.slice(0, colon), key: scope.slice(colon + 1) }
}

/** When a policy ends, if it says so in a way that can be read. */
export const deadline = (policy: WirePolicy): Option.Option<DateTime.Utc> =>
  Option.flatMap(
    Option.liftPredicate(number(policy["deadline"]), Number.isSafeInteger),
    (millis) => DateTime.make(millis)
  )

const ofScope = (scope: unknown): ReadonlyArray<Problem> => {
  if (scope === undefined) return [{ field: "scope", problem: "is needed: BUCKET or BUCKET:KEY" }]
  if (typeof scope !== "string") return []
  const { bucket, key } = target(scope)
  const checked: Either.Either<unknown, WcsInvalidInput> = key === null
    ? Entry.bucketName(bucket)
    : Entry.toStore({ bucket, key })
  return Either.match(checked, {
    onLeft: ({ detail }) => [{ field: "scope", problem: detail }],
    onRight: () => []
  })
}

/** The year 2001 in milliseconds, and the year 33 658 in seconds. */
const leastMillis = 1e12

const ofDeadline = (policy: WirePolicy): ReadonlyArray<Problem> => {
  if (policy["deadline"] === undefined) {
    return [{ field: "deadline", problem: "is needed: milliseconds since 1970" }]
  }
  return number(policy["deadline"]) < leastMillis
    ? [{ field: "deadline", problem: "counts milliseconds since 1970, and this looks like seconds" }]
    : []
}

/** Checks every field by itself, and then those that are right against one another. */
export const problems = (policy: WirePolicy): ReadonlyArray<Problem> => {
  const wrong = Object.entries(policy).flatMap(([field, value]): ReadonlyArray<Problem> => {
    const kind = Object.hasOwn(fields, field) ? fields[field] : undefined
    if (kind === undefined) {
      const meant = Object.keys(fields).find((name) => name.toLowerCase() === field.toLowerCase())
      return [{
        field,
        problem: meant === undefined ? "is no field that is known here" : `is no field: ${meant} is meant`
      }]
    }
    return kinds[kind].isRight(value) ? [] : [{ field, problem: kinds[kind].expected }]
  })
  const right = Object.entries(policy).filter(([field]) => wrong.every((problem) => problem.field !== field))
  const together = UploadPolicy.validate(Object.fromEntries(right.map(([field, value]) => {
    const kind = fields[field]
    return [field, kind === "flag" ? number(value) === 1 : kind === "count" ? number(value) : value]
  })))
  return [
    ...ofScope(policy["scope"]),
    ...ofDeadline(policy),
    ...wrong,
    ...Either.match(together, {
      onLeft: ({ detail, input }) => [{ field: input.replace(/^policy\./, ""), problem: detail }],
      onRight: () => []
    })
  ]
}
