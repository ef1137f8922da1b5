/** The text of a JSDoc block without its frame of stars; its lines stay where they are. */
export const unframed = (doc: string): string =>
  doc.replace(/^\/\*\*/, "").replace(/\*\/$/, "").replace(/^[ \t]*\* ?/gm, "")
