import * as Effect from "effect/Effect"
import type { OperationName } from "../EmulatorRequest.ts"
import { type Action, checksumOperations, type Facts, type Fault, hashOperations } from "../Fault.ts"
import { operations as handlers } from "../handlers/operations.ts"

/** The rules in force, each with the number of requests that it has seen. */
export interface FaultPlan {
  /** A rule that can do nothing is a defect. */
  readonly add: (faults: ReadonlyArray<Fault>) => Effect.Effect<void>
  readonly clear: Effect.Effect<void>
  /**
   * What happens to a request, in the order of the rules. A form is asked for twice: before it is read, and again once
   * its key is known, for the rules that name one.
   */
  readonly take: (facts: Facts, stage: "head" | "identified") => Effect.Effect<ReadonlyArray<Action>>
}

const isOf = (names: ReadonlyArray<OperationName>) => (name: OperationName): boolean => names.includes(name)
const hasChecksum = isOf(checksumOperations)
const hasHash = isOf(hashOperations)

/** The operations whose requests are about one object. */
const keyOperations = [
  "form",
  "append",
  "mkblk",
  "bput",
  "mkfile",
  "stat",
  "delete",
  "move",
  "copy",
  "setdeadline",
  "fops",
  "download"
] as const
const hasKey = isOf(keyOperations)
const isKnown = isOf([...handlers.map(({ name }) => name), "unknown"])

const isWhole = (least: number, value: number | undefined): boolean =>
  value === undefined || (Number.isInteger(value) && value >= least)

/** Why no request can be the one that a rule's numbers tell, or no answer. */
const wrongNumber = ({ action, block, nth, times }: Fault): string | undefined => {
  if (!isWhole(1, nth)) return `nth is a whole number of 1 or more, not ${nth}`
  if (!isWhole(1, times) && times !== Infinity) return `times is a whole number of 1 or more, not ${times}`
  if (!isWhole(0, block)) return `block is a whole number of 0 or more, not ${block}`
  if (action._tag === "Status" && !(isWhole(100, action.status) && action.status < 1000)) {
    return `a status is 100 to 999, not ${action.status}`
  }
  return undefined
}

/** Why a rule can do nothing to some of the requests that it names. */
const problem = (fault: Fault): string | undefined => {
  const { action: { _tag }, block, key, operations } = fault
  const number = wrongNumber(fault)
  if (number !== undefined || operations === "any") return number
  const stranger = operations.find((name) => !isKnown(name))
  if (stranger !== undefined) return `there is no operation ${stranger}: a form upload is "form"`
  if (block !== undefined && !operations.some(hasChecksum)) {
    return `a fault of a block is of ${checksumOperations.join(" or ")}, not of ${operations.join(", ")}`
  }
  if (key !== undefined && !operations.some(hasKey)) {
    return `a fault of a key is of ${keyOperations.join(", ")}, not of ${operations.join(", ")}: use \`when\``
  }
  const [maker, names] = _tag === "WrongChecksum"
    ? ["wrongChecksum", checksumOperations] as const
    : _tag === "WrongHash"
    ? ["wrongHash", hashOperations] as const
    : [_tag, operations] as const
  const odd = operations.find((name) => !isOf(names)(name))
  if (odd === undefined) return undefined
  const instead = hasHash(odd) ? "wrongHash" : hasChecksum(odd) ? "wrongChecksum" : "corrupt"
  return `Fault.${maker} is of ${names.join(", ")}, not of ${odd}: use Fault.${instead}`
}

const concerns = (fault: Fault, facts: Facts): boolean =>
  (fault.operations === "any" || fault.operations.includes(facts.operation)) &&
  (fault.block === undefined || fault.block === facts.block) &&
  (fault.key === undefined || fault.key === facts.key) &&
  (fault.when === undefined || fault.when(facts))

/** Whether a rule is about the one that it has seen last. */
export const strikes = ({ nth, times }: Pick<Fault, "nth" | "times">, seen: number): boolean => {
  const first = nth ?? 1
  const last = first + (times ?? (nth === undefined ? Infinity : 1)) - 1
  return seen >= first && seen <= last
}

export const make: Effect.Effect<FaultPlan> = Effect.sync(() => {
  const rules: Array<{ readonly fault: Fault; seen: number }> = []
  return {
    add: (faults) =>
      Effect.suspend(() => {
        const wrong = faults.flatMap((fault) => problem(fault) ?? [])
        if (wrong.length > 0) return Effect.dieMessage(wrong.join("; "))
        rules.push(...faults.map((fault) => ({ fault, seen: 0 })))
        return Effect.void
      }),
    clear: Effect.sync(() => void rules.splice(0)),
    take: (facts, stage) =>
      Effect.sync(() =>
        rules.flatMap((rule) => {
          if (stage === "identified" && rule.fault.key === undefined) return []
          if (!concerns(rule.fault, facts)) return []
          rule.seen++
          return strikes(rule.fault, rule.seen) ? [rule.fault.action] : []
        })
      )
  }
})
