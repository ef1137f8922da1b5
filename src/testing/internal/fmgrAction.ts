import * as Either from "effect/Either"
import type * as Schema from "effect/Schema"
import type { OperationName } from "../EmulatorRequest.ts"
import * as grammar from "./grammar.ts"
import type { Refusal } from "./refusal.ts"
import type { Errand } from "./taskObjects.ts"
import type { Command } from "./tasks.ts"

/** A command that has been read: the buckets that it needs, and what it does. */
export interface Plan {
  readonly buckets: ReadonlyArray<string>
  readonly run: Command["run"]
}

/** One action of fmgr (protocol 7.1). */
export interface Action {
  readonly name: Extract<OperationName, `fmgr/${string}`>
  readonly plan: (command: string, errand: Errand) => Either.Either<Plan, Refusal>
}

export const make = <A, I>(
  name: Action["name"],
  schema: Schema.Schema<A, I>,
  plan: (fields: A, errand: Errand) => Either.Either<Plan, Refusal>
): Action => {
  const read = grammar.command(schema)
  return { name, plan: (command, errand) => Either.flatMap(read(command), (fields) => plan(fields, errand)) }
}
