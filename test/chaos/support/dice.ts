import { createHash } from "node:crypto"

/** Decisions by name: the same seed and name give the same one, in whatever order they are asked for. */
export interface Dice {
  /** A whole number within bounds, both included. */
  readonly number: (name: string, from: number, to: number) => number
  readonly chance: (name: string, probability: number) => boolean
  readonly pick: <A>(name: string, from: readonly [A, ...ReadonlyArray<A>]) => A
}

export const make = (seed: string): Dice => {
  /** From 0 up to 1. */
  const roll = (name: string) =>
    createHash("sha256").update(JSON.stringify([seed, name])).digest().readUIntBE(0, 6) / 2 ** 48
  const number = (name: string, from: number, to: number) => from + Math.floor(roll(name) * (to - from + 1))
  return {
    number,
    chance: (name, probability) => roll(name) < probability,
    pick: (name, from) => from[number(name, 0, from.length - 1)] ?? from[0]
  }
}
