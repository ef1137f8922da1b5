/**
 * JSON from strangers.
 *
 * @since 0.1.0
 */

/** No document of the service, of a token or of a record is nested as deep. */
const deepest = 100

/**
 * Whether JSON is nested deeper than any that is meant: what walks through such a value, or writes it, runs out of stack.
 *
 * @since 0.1.0
 * @category guards
 */
export const isDeep = (text: string): boolean => {
  let depth = 0
  let isString = false
  for (let i = 0; i < text.length; i++) {
    const unit = text[i]
    if (unit === "\"") isString = !isString
    else if (isString) i += unit === "\\" ? 1 : 0
    else if (unit === "[" || unit === "{") depth += 1
    else if (unit === "]" || unit === "}") depth -= 1
    if (depth > deepest) return true
  }
  return false
}
