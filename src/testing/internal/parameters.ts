/** `name=value` in its two parts; without a sign the value is empty. */
export const pair = (text: string): readonly [name: string, value: string] => {
  const equals = text.indexOf("=")
  return equals < 0 ? [text, ""] : [text.slice(0, equals), text.slice(equals + 1)]
}

/** The parameters of a query or of a management body as they stand; of one that comes twice the first counts. */
export const read = (text: string): ReadonlyMap<string, string> => new Map(text.split("&").toReversed().map(pair))
