import type { Effect } from "effect"
import type { WcsError } from "../../../../src/domain/WcsError.ts"
import type { Services } from "../../../../src/layers/Wcs.ts"
import type { Call } from "../files.ts"

/** A recorded call's arguments by their Python names. */
export type Args = Call["args"]

/** Calls of our API by the names of the recorded ones. `local` gives the path of a file of the case. */
export interface Methods {
  readonly [method: string]: (
    args: Args,
    local: (name: string) => string
  ) => Effect.Effect<unknown, WcsError, Services>
}

/** An option that is given, if it is. */
export const optional = <A>(name: string, value: A | undefined) => value === undefined ? {} : { [name]: value }
