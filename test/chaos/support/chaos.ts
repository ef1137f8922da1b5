/** Stories side by side, each with an emulator of its own, until it is enough. */
import { Effect } from "effect"
import * as dices from "./dice.ts"
import * as figure from "./figures.ts"
import * as service from "./service.ts"
import * as story from "./story.ts"

export interface Options {
  readonly seed: string
  /** The folder of the built commands. */
  readonly bin: string
  /** Stories at once. */
  readonly lanes: number
  /** The first story, and whether there is another one. */
  readonly first?: number
  readonly goesOn: (figures: figure.Figures) => boolean
}

export const run = ({ bin, first = 0, goesOn, lanes, seed }: Options) =>
  Effect.gen(function*() {
    const figures = figure.make()
    let begun = first
    const lane = Effect.whileLoop({
      while: () => begun === first || goesOn(figures),
      body: () => {
        const number = begun
        begun += 1
        return story.tell(number, dices.make(`${seed} ${number}`), figures, bin)
      },
      step: () => undefined
    }).pipe(Effect.provide(service.layer(story.bucket, story.secretKey)))
    yield* Effect.all(Array.from({ length: lanes }, () => lane), { concurrency: lanes, discard: true })
    return figures
  })
