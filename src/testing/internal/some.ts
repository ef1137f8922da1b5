/** The first few of some names, for a message. */
export const some = (names: ReadonlyArray<string>): string =>
  names.length === 0
    ? "none"
    : `${names.slice(0, 5).join(" ")}${names.length > 5 ? ` and ${names.length - 5} more` : ""}`
