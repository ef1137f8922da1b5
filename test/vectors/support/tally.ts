import { afterAll } from "@effect/vitest"
import type { Deviation } from "./deviations.ts"

/** Counts the cases of a file, and prints one line when its tests have ended. */
export const tally = (file: string, informative: number) => {
  let cases = 0
  let recorded = 0
  const differing = new Map<string, number>()
  let deviating = 0
  afterAll(() => {
    const reasons = [...differing].toSorted().map(([reason, count]) => `${reason} ${count}`).join(", ")
    const failed = cases - recorded - deviating
    console.log(
      `${file}: ${cases} cases, ${recorded} as recorded, ${deviating} with deviations${
        reasons === "" ? "" : ` (${reasons})`
      }${failed === 0 ? "" : `, ${failed} FAILED`}${informative === 0 ? "" : `, ${informative} informative not run`}`
    )
  })
  return {
    begin: () => void cases++,
    /** The case has held: as recorded, or in our own way for these reasons. */
    held: (reasons: ReadonlyArray<Deviation>) => {
      if (reasons.length === 0) recorded++
      else deviating++
      for (const reason of reasons) differing.set(reason, (differing.get(reason) ?? 0) + 1)
    }
  }
}
