/**
 * Questions to whoever sits at stdin: a person at a terminal, or a script at the other end of a pipe.
 */
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Queue from "effect/Queue"
import type * as Scope from "effect/Scope"
import * as readline from "node:readline"
import { Writable } from "node:stream"

/** There was no answer any more. */
export class EndOfInput extends Data.TaggedError("EndOfInput")<{}> {}

/** Asks one after another. */
export interface Ask {
  /** Whether a person answers, who can be asked again. */
  readonly isTerminal: boolean
  /** What is typed to a hidden question does not show. */
  readonly line: (question: string, options?: { readonly hidden: boolean }) => Effect.Effect<string, EndOfInput>
}

/** Questions go to stderr. At a terminal Ctrl-C interrupts, and Ctrl-D too: both say that no more is to come. */
export const make: Effect.Effect<Ask, never, Scope.Scope> = Effect.gen(function*() {
  const isTerminal = process.stdin.isTTY === true
  const lines = yield* Queue.unbounded<Either.Either<string, "end" | "interrupt">>()
  // Between questions, too: what is pasted or typed ahead may be the secret that is asked for next.
  let hidden = true
  const shown = new Writable({
    write: (chunk, _, done) => {
      if (!hidden) process.stderr.write(chunk)
      done()
    }
  })
  const reader = yield* Effect.acquireRelease(
    Effect.sync(() =>
      readline.createInterface({
        input: process.stdin,
        // Without an output it shows nothing: what comes from a pipe is no one's typing.
        ...(isTerminal && { output: shown, terminal: true }),
        // A secret must not come back with the arrow keys.
        historySize: 0
      })
        .on("line", (line) => {
          hidden = true
          Queue.unsafeOffer(lines, Either.right(line))
        })
        .on("SIGINT", () => Queue.unsafeOffer(lines, Either.left("interrupt")))
        .on("close", () => Queue.unsafeOffer(lines, Either.left("end")))
    ),
    (reader) => Effect.sync(() => reader.close())
  )
  return {
    isTerminal,
    line: (question, options = { hidden: false }) =>
      Effect.gen(function*() {
        hidden = false
        reader.setPrompt(question)
        if (isTerminal) reader.prompt()
        else process.stderr.write(question)
        hidden = options.hidden
        const line = yield* Queue.take(lines)
        const echoed = isTerminal && !options.hidden && Either.isRight(line)
        if (!echoed) process.stderr.write("\n")
        if (Either.isRight(line)) return line.right
        if (line.left === "interrupt" || isTerminal) return yield* Effect.interrupt
        return yield* new EndOfInput()
      })
  }
})
