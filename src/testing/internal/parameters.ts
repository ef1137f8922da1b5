/** The parameters of a query or of a management body as they stand; of one that comes twice the first counts. */
export const read = (text: string): ReadonlyMap<string, string> =>
  new Map(
    text.split("&").toReversed().map((pair) => {
      const equals = pair.indexOf("=")
      return equals < 0 ? [pair, ""] : [pair.slice(0, equals), pair.slice(equals + 1)]
    })
  )
