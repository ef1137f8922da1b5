/**
 * How long an object stays (protocol 5.1, 6.8): for ever, so many days from now, or as short as possible.
 *
 * @since 0.1.0
 */
import * as Data from "effect/Data"
import * as Either from "effect/Either"
import { invalid } from "./Input.ts"
import type { WcsInvalidInput } from "./WcsError.ts"

/**
 * The object is kept.
 *
 * @since 0.1.0
 * @category models
 */
export interface Forever {
  readonly _tag: "Forever"
}

/**
 * The object is deleted as soon as the service gets to it.
 *
 * @since 0.1.0
 * @category models
 */
export interface AsSoonAsPossible {
  readonly _tag: "AsSoonAsPossible"
}

/**
 * The object is deleted after so many days, counted from the request.
 *
 * @since 0.1.0
 * @category models
 */
export interface Days {
  readonly _tag: "Days"
  /** A whole number, 1 or more. */
  readonly days: number
}

/**
 * How long an object stays.
 *
 * @since 0.1.0
 * @category models
 */
export type Retention = Forever | AsSoonAsPossible | Days

const Retention = Data.taggedEnum<Retention>()

/** The object is kept. @since 0.1.0 @category constructors */
export const forever: Retention = Retention.Forever()

/** The object is deleted as soon as the service gets to it. @since 0.1.0 @category constructors */
export const asSoonAsPossible: Retention = Retention.AsSoonAsPossible()

/**
 * The object is deleted after so many days, counted from the request; a whole number, 1 or more.
 *
 * @since 0.1.0
 * @category constructors
 */
export const days = (days: number): Retention => Retention.Days({ days })

/**
 * A retention as it travels: days from now, 0 for as soon as possible, -1 for ever.
 *
 * @example
 * import { Either } from "effect"
 * import { Retention } from "effect-wcs"
 *
 * assert.deepStrictEqual(Retention.toDays(Retention.days(3)), Either.right(3))
 * assert.deepStrictEqual(Retention.toDays(Retention.forever), Either.right(-1))
 * assert.strictEqual(Either.isLeft(Retention.toDays(Retention.days(0.5))), true)
 *
 * @since 0.1.0
 * @category encoding
 */
export const toDays: (retention: Retention) => Either.Either<number, WcsInvalidInput> = Retention.$match({
  Forever: () => Either.right(-1),
  AsSoonAsPossible: () => Either.right(0),
  Days: ({ days }) =>
    Number.isSafeInteger(days) && days >= 1
      ? Either.right(days)
      : invalid("retention", `is a whole number of days, 1 or more, not ${days}`)
})
