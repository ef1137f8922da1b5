/** The categories of exports, in the order that a page of the reference shows them. */
export const categories = [
  "services",
  "constructors",
  "combinators",
  "layers",
  "configs",
  "models",
  "schemas",
  "errors",
  "guards",
  "references",
  "schedules",
  "requests",
  "variables",
  "actions",
  "metrics",
  "conversions",
  "encoding",
  "decoding",
  "constants",
  "symbols"
]
