import * as Layer from "effect/Layer"

/**
 * A layer with parts of its own, however often it is used one client. Effect builds the same part once in a program: two
 * clients that differ in their settings would both have the parts of the first.
 */
export const ownLayer = <A, E, R>(layer: Layer.Layer<A, E, R>): Layer.Layer<A, E, R> =>
  Layer.suspend(() => Layer.fresh(layer))
