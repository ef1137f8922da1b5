import type { StoredObject } from "../EmulatorStorage.ts"
import { utf8Order } from "./utf8Order.ts"

/** A bucket's objects in the order of their keys. */
export interface Sorted {
  /** Some keys may have gone: `get` does not find them. */
  readonly keys: ReadonlyArray<string>
  readonly get: (key: string) => StoredObject | undefined
}

/** The objects of one bucket. */
export interface Shelf {
  readonly get: (key: string) => StoredObject | undefined
  readonly put: (object: StoredObject) => void
  readonly remove: (key: string) => void
  readonly objects: () => Iterable<StoredObject>
  /** A view that later changes leave in order. */
  readonly sorted: () => Sorted
}

/** The index of the first key that does not come before `key`; of the first after it where `past` is true. */
export const lowerBound = (keys: ReadonlyArray<string>, key: string, from = 0, past = false): number => {
  let low = from
  let high = keys.length
  while (low < high) {
    const middle = (low + high) >>> 1
    const order = utf8Order(keys[middle] ?? "", key)
    if (order < 0 || (past && order === 0)) low = middle + 1
    else high = middle
  }
  return low
}

const isInOrder = (keys: ReadonlyArray<string>): boolean =>
  keys.every((key, index) => index === 0 || utf8Order(keys[index - 1] ?? "", key) < 0)

/**
 * An empty shelf. Keys are sorted when they are asked for, and then only those that came since; keys that go are left in
 * their place until they are the most. So neither a page after another nor a change between two pages costs the whole
 * bucket again and again.
 */
export const make = (): Shelf => {
  const byKey = new Map<string, StoredObject>()
  let sorted: ReadonlyArray<string> = []
  let added: Array<string> = []

  const settle = () => {
    const fresh = isInOrder(added) ? added : added.toSorted(utf8Order)
    const known = sorted
    const merged: Array<string> = []
    // With as many places as keys none has gone and none stands twice.
    const isExact = known.length + fresh.length === byKey.size
    const take = (key: string) => {
      if (isExact || (byKey.has(key) && merged.at(-1) !== key)) merged.push(key)
    }
    let at = 0
    for (const key of fresh) {
      const next = lowerBound(known, key, at)
      known.slice(at, next).forEach(take)
      at = next
      take(key)
    }
    known.slice(at).forEach(take)
    sorted = merged
    added = []
  }

  return {
    get: (key) => byKey.get(key),
    put: (object) => {
      if (!byKey.has(object.key)) added.push(object.key)
      byKey.set(object.key, object)
    },
    remove: (key) => void byKey.delete(key),
    objects: () => byKey.values(),
    sorted: () => {
      if (added.length > 0 || sorted.length > 2 * byKey.size) settle()
      return { keys: sorted, get: (key) => byKey.get(key) }
    }
  }
}
