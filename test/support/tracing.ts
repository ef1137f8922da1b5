import { type Exit, Option, Tracer } from "effect"

/** What a test wants to know of a span. */
export interface Listener {
  readonly attribute?: (key: string, value: unknown) => void
  readonly event?: (name: string, attributes: Record<string, unknown> | undefined) => void
  readonly end?: (exit: Exit.Exit<unknown, unknown>) => void
}

/** A span as it begins; its attributes are those of later, too. */
export interface Begun {
  readonly name: string
  readonly parent: Tracer.AnySpan | undefined
  readonly attributes: Map<string, unknown>
}

/** A tracer that tells of every span. */
export const tracer = (listen: (span: Begun) => Listener): Tracer.Tracer => {
  let id = 0
  return Tracer.make({
    span: (name, parent, context, links, startTime, kind, options) => {
      const attributes = new Map(Object.entries(options?.attributes ?? {}))
      const listener = listen({ name, parent: Option.getOrUndefined(parent), attributes })
      return {
        _tag: "Span",
        name,
        spanId: String(id += 1),
        traceId: "trace",
        parent,
        context,
        links,
        sampled: true,
        status: { _tag: "Started", startTime },
        attributes,
        kind,
        attribute: (key, value) => {
          attributes.set(key, value)
          listener.attribute?.(key, value)
        },
        event: (name, _, attributes) => listener.event?.(name, attributes),
        addLinks: () => undefined,
        end: (_, exit) => listener.end?.(exit)
      }
    },
    context: (f) => f()
  })
}
