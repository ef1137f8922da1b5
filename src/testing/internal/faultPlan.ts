import * as Effect from "effect/Effect"
import type { Action, Facts, Fault } from "../Fault.ts"

/** The rules in force, each with the number of requests that it has seen. */
export interface FaultPlan {
  readonly add: (faults: ReadonlyArray<Fault>) => Effect.Effect<void>
  readonly clear: Effect.Effect<void>
  /**
   * What happens to a request, in the order of the rules. A form is asked for twice: before it is read, and again once
   * its key is known, for the rules that name one.
   */
  readonly take: (facts: Facts, stage: "head" | "identified") => Effect.Effect<ReadonlyArray<Action>>
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
    add: (faults) => Effect.sync(() => void rules.push(...faults.map((fault) => ({ fault, seen: 0 })))),
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
