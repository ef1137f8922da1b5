/**
 * Which files of a folder are meant: `--include` and `--exclude`.
 */
import * as Effect from "effect/Effect"
import picomatch from "picomatch"
import { UsageError } from "./Failure.ts"
import * as Flags from "./Flags.ts"
import * as Format from "./Format.ts"

/** The options. */
export const flags = {
  include: Flags.values(
    "include",
    "GLOB",
    "Only files that it fits, or a folder around them: by their path, or without a slash by their name."
  ),
  exclude: Flags.values("exclude", "GLOB", "No files that it fits so; it wins over --include.")
}

/** A pattern without a slash is about a name, one with a slash about a path, of the file or of a folder around it. */
const matcher = (glob: string): (path: string) => boolean => {
  const fits = picomatch(glob.replaceAll(/^\/+|\/+$/g, ""), { dot: true, windows: false })
  const isName = !glob.replace(/\/+$/, "").includes("/")
  return (path) => {
    const names = path.split("/")
    return names.some((name, i) => fits(isName ? name : names.slice(0, i + 1).join("/")))
  }
}

/**
 * Whether a path within a folder, with `/` between its names, is meant. Of a folder nobody knows what --include would find
 * in it.
 */
export type IsMeant = (path: string, kind?: "file" | "folder") => boolean

/** The patterns of a command line. */
export interface Globs {
  readonly include: ReadonlyArray<string>
  readonly exclude: ReadonlyArray<string>
}

/** The option that leaves out a path, as a shell takes it, and no file of that name in another folder. */
export const exclude = (path: string): string => {
  const glob = path.replaceAll(/[\\*?[\]{}()!+@|]/g, "\\$&")
  return `--exclude ${Format.quoted(Format.visible(path.includes("/") ? glob : `/${glob}`))}`
}

/** What is told of a folder in which no file is meant. */
export const nothing = (folder: string, { exclude, include }: Globs): string =>
  `nothing to do: no files are in ${Format.visible(folder)}${
    include.length + exclude.length === 0 ? "" : ", or --include and --exclude leave none of them"
  }`

/** What the options say. */
export const make = ({ exclude, include }: Globs): Effect.Effect<IsMeant, UsageError> =>
  Effect.try({
    try: () => {
      const [included, excluded] = [include.map(matcher), exclude.map(matcher)]
      return (path, kind = "file") =>
        (kind === "folder" || included.length === 0 || included.some((fits) => fits(path))) &&
        !excluded.some((fits) => fits(path))
    },
    // An empty or an endless one.
    catch: () => new UsageError({ message: "--include and --exclude want a GLOB, such as '*.jpg'" })
  })
