import { afterAll } from "@effect/vitest"
import { behaviours, type Deviation } from "./deviations.ts"

const list = (what: string, counts: ReadonlyMap<Deviation, number>): ReadonlyArray<string> =>
  counts.size === 0
    ? []
    : [`${what}: ${[...counts].toSorted().map(([reason, count]) => `${reason} ${count}`).join(", ")}`]

/** Counts the cases of a file, and prints one line when its tests have ended. */
export const tally = (file: string, informative: number) => {
  let cases = 0
  const counts = { recorded: 0, form: 0, behaviour: 0 }
  const inForm = new Map<Deviation, number>()
  const inBehaviour = new Map<Deviation, number>()
  afterAll(() => {
    const { behaviour, form, recorded } = counts
    const failed = cases - recorded - form - behaviour
    const deviating = form + behaviour
    console.log([
      `${file}: ${cases} cases, ${recorded} as recorded, ${deviating} with deviations`
      + (deviating === 0 ? "" : ` (${form} in form only, ${behaviour} in behaviour)`)
      + (informative === 0 ? "" : `, ${informative} informative not run`)
      + (failed === 0 ? "" : `, ${failed} FAILED`),
      ...list("behaviour", inBehaviour),
      ...list("form", inForm)
    ].join("; "))
  })
  return {
    begin: () => void cases++,
    /** The case has held: as recorded, or in our own way for these reasons. */
    held: (reasons: ReadonlyArray<Deviation>) => {
      const differs = reasons.some((reason) => reason in behaviours)
      counts[reasons.length === 0 ? "recorded" : differs ? "behaviour" : "form"] += 1
      for (const reason of reasons) {
        const counted = reason in behaviours ? inBehaviour : inForm
        counted.set(reason, (counted.get(reason) ?? 0) + 1)
      }
    }
  }
}
