import * as parameters from "./parameters.ts"

/** The members of an expanded template, in its order; values are not percent-encoded. */
export const members = (expanded: string): ReadonlyArray<readonly [name: string, value: string]> =>
  expanded.split("&").filter((pair) => pair !== "").map(parameters.pair)
