/** An emulator on a port that misbehaves as it is told, and tells what it sees. */
import { Context, Effect, Layer, Stream } from "effect"
import { DigestNode } from "effect-wcs/node"
import { Emulator, type EmulatorRequest, Fault } from "effect-wcs/testing"
import { EmulatorStorageMemory } from "effect-wcs/testing"
import * as EmulatorNode from "effect-wcs/testing/node"

/** What can happen to a request, by name. The part before the colon is its kind. */
const troubles: { readonly [name: string]: Fault.Action } = {
  "reset: at once": Fault.reset(),
  "reset: in the body": Fault.reset({ after: 100_000 }),
  "reset: late in the body": Fault.reset({ after: 3_000_000 }),
  "lost answer": Fault.lostAnswer,
  "delay: short": Fault.delay("5 millis"),
  "delay: long": Fault.delay("60 millis"),
  "status: 503": Fault.status(503),
  "status: 503 with Retry-After": Fault.status(503, { retryAfter: 0 }),
  "status: 429": Fault.status(429),
  "status: 500": Fault.status(500),
  "status: 408": Fault.status(408),
  "status: 401": Fault.status(401),
  "stale block: 701": Fault.status(701),
  "stale block: 412": Fault.status(412),
  "stale block: 406": Fault.status(406),
  "wrong checksum: crc32": Fault.wrongChecksum("crc32"),
  "wrong checksum: both": Fault.wrongChecksum(),
  "wrong hash": Fault.wrongHash,
  "not the service": Fault.garbage,
  "answer cut: at once": Fault.truncate(0),
  "answer cut: in the middle": Fault.truncate(40),
  "answer changed: begin": Fault.corrupt(2),
  "answer changed: ctx": Fault.corrupt(24),
  "answer changed: end": Fault.corrupt(90)
}

/** The names of all troubles. */
export const names = Object.keys(troubles)

/** What the emulator sees of a request: it arrives, its body comes, it has been carried out, its answer may have left. */
export type Moment = "head" | "body" | "answer" | "after"

/** What is done to the requests of one run. */
export interface Script {
  /** The trouble of a request, told by its operation, its block, and how often that came; `undefined` for none. */
  readonly trouble: (request: string) => string | undefined
  /** Whether a byte of the nth chunk is changed on its way. */
  readonly damage: (nth: number) => boolean
  /** Told of what happens to the nth request. */
  readonly saw: (nth: number, moment: Moment) => void
}

const quiet: Script = { trouble: () => undefined, damage: () => false, saw: () => undefined }

/** What the requests of a run are told by, and what is under way. */
export class Stage extends Context.Tag("test/chaos/Stage")<Stage, {
  /** Begins a run. */
  readonly begin: (script?: Script) => Effect.Effect<void>
  /** Returns when no request is under way any more. */
  readonly settled: Effect.Effect<void>
}>() {}

const changed = (body: EmulatorRequest.EmulatorRequest["body"]): EmulatorRequest.EmulatorRequest["body"] =>
  Stream.mapAccum(body, true, (first, bytes) => {
    if (!first || bytes.length === 0) return [first, bytes]
    const copy = bytes.slice()
    copy[copy.length >> 1]! ^= 0x10
    return [false, copy]
  })

/** An emulator on a port, and the stage on which its runs take place. */
export const layer = (bucket: string, secretKey: string) =>
  Layer.unwrapScoped(Effect.sync(() => {
    let script = quiet
    let requests = 0
    let chunks = 0
    let underWay = 0
    const seen = new Map<string, number>()
    const known = new WeakMap<Fault.Facts, string | undefined>()

    /** A rule is asked once for each trouble; a request has one at the most. */
    const troubleOf = (facts: Fault.Facts) => {
      if (!known.has(facts)) {
        const request = `${facts.operation} ${facts.block ?? ""}`
        const nth = (seen.get(request) ?? 0) + 1
        seen.set(request, nth)
        known.set(facts, script.trouble(`${request} ${nth}`))
      }
      return known.get(facts)
    }
    const rules = names.map((name) => Fault.on("any", troubles[name]!, { when: (facts) => troubleOf(facts) === name }))

    const watch = (emulator: Emulator.Emulator["Type"]): Emulator.Emulator["Type"] => ({
      ...emulator,
      handle: (request) =>
        Effect.suspend(() => {
          const nth = requests += 1
          const isChunk = /^\/(mkblk|bput)\//.test(request.path)
          const { saw } = script
          const body = isChunk && script.damage(chunks += 1) ? changed(request.body) : request.body
          underWay += 1
          saw(nth, "head")
          return emulator.handle({ ...request, body: Stream.tap(body, () => Effect.sync(() => saw(nth, "body"))) })
            .pipe(
              Effect.tap(() =>
                Effect.sync(() => {
                  saw(nth, "answer")
                  setImmediate(() => saw(nth, "after"))
                })
              ),
              Effect.ensuring(Effect.sync(() => {
                underWay -= 1
              }))
            )
        })
    })

    const emulator = Emulator.layer({ buckets: [bucket], secretKey, logSize: 100 }).pipe(
      Layer.tap((context) => Context.get(context, Emulator.Emulator).addFault(...rules)),
      Layer.map((context) => Context.add(context, Emulator.Emulator, watch(Context.get(context, Emulator.Emulator)))),
      Layer.provide([EmulatorStorageMemory.layer, DigestNode.layer])
    )
    const settled: Effect.Effect<void> = Effect.suspend(() =>
      underWay === 0 ? Effect.void : Effect.zipRight(Effect.sleep("2 millis"), settled)
    )
    const stage = Layer.succeed(Stage, {
      begin: (next = quiet) =>
        Effect.sync(() => {
          script = next
          requests = 0
          chunks = 0
          seen.clear()
        }),
      settled
    })
    return Layer.orDie(Layer.merge(EmulatorNode.layerOf(emulator), stage))
  }))
