/**
 * Pages of listings as the service sends them (protocol 6.2), read without a schema: that takes ten times as long.
 *
 * @since 0.1.0
 */
import * as Predicate from "effect/Predicate"

/**
 * What stat and list say alike, as a schema reads it or as the service sends it.
 *
 * @since 0.1.0
 * @category models
 */
export interface Described {
  readonly fsize: number | string
  readonly hash: string
  readonly mimeType: string
  readonly putTime: number | string
  readonly expirationDate?: string | number | null | undefined
  readonly storageClass?: string | null | undefined
}

/**
 * A page, as a schema reads it or as the service sends it.
 *
 * @since 0.1.0
 * @category models
 */
export interface Page {
  readonly marker?: string | null | undefined
  readonly commonPrefixes: ReadonlyArray<string>
  readonly items: ReadonlyArray<Described & { readonly key: string }>
}

const isTextOrMissing = (value: unknown): value is string | null | undefined =>
  value === undefined || value === null || typeof value === "string"

/** A whole number, or the text of one. */
const isCount = (value: unknown, most: number): boolean =>
  typeof value === "number"
    ? Number.isSafeInteger(value) && value >= 0 && value <= most
    : typeof value === "string" && /^\d{1,15}$/.test(value)

/** An item of the kinds that the service sends (protocol 6.2). */
const isUsual = (item: unknown): item is Page["items"][number] =>
  Predicate.isRecord(item) && typeof item.key === "string" && typeof item.hash === "string" &&
  typeof item.mimeType === "string" && isCount(item.fsize, Number.MAX_SAFE_INTEGER) &&
  isCount(item.putTime, 8.64e15) && isTextOrMissing(item.expirationDate) && isTextOrMissing(item.storageClass)

/**
 * A page of nothing but items of the usual kinds; `undefined` for any other.
 *
 * @since 0.1.0
 * @category decoding
 */
export const usualPage = (text: string): Page | undefined => {
  try {
    const { commonPrefixes, items, marker } = JSON.parse(text)
    const folders = commonPrefixes ?? []
    const usual = isTextOrMissing(marker) && Array.isArray(folders) && folders.every(Predicate.isString) &&
      Array.isArray(items) && items.every(isUsual)
    return usual ? { marker, commonPrefixes: folders, items } : undefined
  } catch {
    return undefined
  }
}
