import type { Content, Run, StoredBlock, StoredObject } from "../EmulatorStorage.ts"

/** The runs of a content, in order. */
export const runs = ({ id, more = [], size }: Content): ReadonlyArray<Run> => [
  { id, size: more.reduce((left, run) => left - run.size, size) },
  ...more
]

/** One content after another. */
export const concat = (first: Content, next: Content): Content => ({
  id: first.id,
  size: first.size + next.size,
  more: [...(first.more ?? []), ...runs(next)]
})

/** A part of a run. */
export interface Part {
  readonly id: string
  /** Bytes from `start` up to and without `end`, counted from the beginning of the run. */
  readonly start: number
  readonly end: number
}

/** Where the bytes from `start` up to and without `end` are. */
export const parts = (content: Content, range: { readonly start: number; readonly end: number }): Array<Part> => {
  const found: Array<Part> = []
  let offset = 0
  for (const { id, size } of runs(content)) {
    const start = Math.max(range.start - offset, 0)
    const end = Math.min(range.end - offset, size)
    if (start < end) found.push({ id, start, end })
    offset += size
  }
  return found
}

/** The ids of all runs that records name. */
export const named = (records: {
  readonly objects: ReadonlyArray<StoredObject>
  readonly blocks: ReadonlyArray<StoredBlock>
}): Set<string> => {
  const ids = new Set<string>()
  for (const { content } of records.objects) for (const { id } of runs(content)) ids.add(id)
  for (const { chunks } of records.blocks) for (const chunk of chunks) for (const { id } of runs(chunk)) ids.add(id)
  return ids
}
