/**
 * Templates of `callbackBody`: which facts of an upload reach the customer's server, and their types (protocol 4.1, 4.4).
 * The variables are those of `ReturnBody`.
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Pairs from "./Pairs.ts"
import * as ReturnBody from "./ReturnBody.ts"

/**
 * A template whose callbacks decode to `A`.
 *
 * @since 0.1.0
 * @category models
 */
export interface CallbackBody<A> extends ReturnBody.ReturnBody<A> {}

/**
 * A template from a record of variables; its callbacks decode to the record of their values.
 *
 * @example
 * import { Either } from "effect"
 * import { CallbackBody, ReturnBody } from "effect-wcs"
 *
 * const body = CallbackBody.struct({ key: ReturnBody.key, size: ReturnBody.fsize })
 * assert.strictEqual(body.template, "key=$(key)&size=$(fsize)")
 * assert.deepStrictEqual(CallbackBody.decode(body, "key=a.txt&size=5"), Either.right({ key: "a.txt", size: 5 }))
 *
 * @since 0.1.0
 * @category constructors
 */
export const struct: typeof ReturnBody.struct = ReturnBody.struct

/**
 * Reads an expanded template, or says why it cannot. A value with `&` in it cannot be told from the next member; as its
 * uploader may have chosen it, a member that the template does not have is refused.
 *
 * @since 0.1.0
 * @category decoding
 */
export const decode = <A>(body: CallbackBody<A>, text: string): Either.Either<A, string> =>
  Option.match(Pairs.decode(text), {
    onNone: () => Either.left("the body is not `name=value&…` with each name once"),
    onSome: (members) => {
      const asked = new Set(body.template.split("&").map((member) => member.split("=", 1)[0]))
      return Object.keys(members).every((name) => asked.has(name))
        ? body.decode(members)
        : Either.left("the body has a member that the template does not have: a value may hold `&`")
    }
  })
