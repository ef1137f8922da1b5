import * as Option from "effect/Option"

/** Undoes percent-encoding; a `+` stays a `+`. `None` for what is not percent-encoded UTF-8. */
export const decode: (text: string) => Option.Option<string> = Option.liftThrowable(decodeURIComponent)
