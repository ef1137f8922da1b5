/** A local file of which every version is remembered. */
import { statSync, utimesSync, writeFileSync } from "node:fs"
import { bytes } from "../../support/content.ts"
import type { Dice } from "./dice.ts"

const kibibyte = 1024
const blockSize = 4096 * kibibyte

/** Content to cut versions from. */
const material = Buffer.from(bytes(3 * blockSize))

/** How an edit leaves a file. */
export type Edit = "same size" | "same size, same time" | "other size" | "other size, same time"

/** The one that is hardest to see comes most often. */
const edits = [
  "same size, same time",
  "same size, same time",
  "same size",
  "other size",
  "other size, same time"
] as const

export interface Film {
  readonly path: string
  /** All contents that the file has had, the current one last. */
  readonly versions: ReadonlyArray<Buffer>
  readonly edit: (name: string) => Edit
}

const sizeOf = (dice: Dice, name: string) => {
  switch (dice.number(`${name} kind of size`, 0, 9)) {
    case 0:
      return dice.number(name, 0, 64 * kibibyte)
    case 1:
      return blockSize
    case 2:
      return 2 * blockSize
    case 3:
      return blockSize + 1
    default:
      return 2 * blockSize + dice.number(name, 1, 512 * kibibyte)
  }
}

/** The same content with a few bytes changed, cut or grown to a size. */
const next = (dice: Dice, name: string, size: number, from: Buffer): Buffer => {
  const content = Buffer.alloc(size)
  material.copy(content)
  from.copy(content)
  const places = size === 0 ? 0 : dice.number(`${name} places`, 1, 3)
  for (let i = 0; i < places; i++) {
    const at = dice.number(`${name} place ${i}`, 0, size - 1)
    content[at] = (content[at] ?? 0) ^ dice.number(`${name} change ${i}`, 1, 255)
  }
  return content
}

export const make = (path: string, dice: Dice): Film => {
  const versions = [next(dice, "first", sizeOf(dice, "size"), Buffer.alloc(0))]
  const write = () => writeFileSync(path, versions.at(-1)!)
  write()
  return {
    path,
    versions,
    edit: (name) => {
      const edit = dice.pick(`${name} edit`, edits)
      const current = versions.at(-1)!
      const { atime, mtime } = statSync(path)
      const size = edit.startsWith("same") ? current.length : sizeOf(dice, `${name} size`)
      versions.push(next(dice, name, size, current))
      write()
      if (edit.endsWith("same time")) utimesSync(path, atime, mtime)
      return edit
    }
  }
}
