import { Effect } from "effect"
import type { WcsError } from "../../../src/domain/WcsError.ts"
import type { Services } from "../../../src/layers/Wcs.ts"
import type { Methods } from "./calls/methods.ts"
import { objects } from "./calls/objects.ts"
import { queries } from "./calls/queries.ts"
import { tasks } from "./calls/tasks.ts"
import { uploads } from "./calls/uploads.ts"
import type { Call } from "./files.ts"

const methods: Methods = { ...uploads, ...objects, ...queries, ...tasks }

/** Makes a recorded call by our API. `local` is the path of a file of the case. */
export const make = (
  { args, method }: Call,
  local: (name: string) => string
): Effect.Effect<unknown, WcsError, Services> =>
  methods[method]?.(args, local) ?? Effect.dieMessage(`no call of ours for ${method}`)
