import * as DateTime from "effect/DateTime"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import { invalid } from "../domain/Input.ts"
import type { WcsInvalidInput } from "../domain/WcsError.ts"

/** An argument by its name. */
type Argument<A> = readonly [input: string, value: A]

/** Checks an instant. */
export const instant = ([input, value]: Argument<DateTime.DateTime.Input>): Either.Either<
  DateTime.Utc,
  WcsInvalidInput
> =>
  Option.match(DateTime.make(value), {
    onNone: () => invalid(input, "is not a time"),
    onSome: (time) => Either.right(DateTime.toUtc(time))
  })

/** Checks two instants, the second of which is not before the first. */
export const span = (
  from: Argument<DateTime.DateTime.Input>,
  to: Argument<DateTime.DateTime.Input>
): Either.Either<{ readonly from: DateTime.Utc; readonly to: DateTime.Utc }, WcsInvalidInput> =>
  Either.flatMap(
    Either.all({ from: instant(from), to: instant(to) }),
    (times) =>
      DateTime.lessThan(times.to, times.from)
        ? invalid(to[0], `is not before ${from[0]}`)
        : Either.right(times)
  )
