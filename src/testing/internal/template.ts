/** The members of an expanded template, in its order; values are not percent-encoded. */
export const members = (expanded: string): ReadonlyArray<readonly [name: string, value: string]> =>
  expanded.split("&").filter((pair) => pair !== "").map((pair) => {
    const equals = pair.indexOf("=")
    return equals < 0 ? [pair, ""] : [pair.slice(0, equals), pair.slice(equals + 1)]
  })
