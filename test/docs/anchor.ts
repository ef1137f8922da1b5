/** The anchor that GitHub gives to a heading. */
export const anchor = (title: string): string =>
  title.toLowerCase().replaceAll(/[^\p{L}\p{N}_ -]/gu, "").replaceAll(" ", "-")
