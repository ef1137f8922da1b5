/**
 * Every command, as the help groups them.
 */
import type { WcsCommand } from "../WcsCommand.ts"
import * as completions from "./completions.ts"
import { emulator } from "./emulator.ts"
import * as objects from "./objects.ts"
import * as settings from "./settings.ts"

/** Commands under the titles of the help. */
export const sections: ReadonlyArray<{ readonly title: string; readonly commands: ReadonlyArray<WcsCommand> }> = [
  {
    title: "Objects",
    commands: [
      objects.list,
      objects.listall,
      objects.stat,
      objects.del,
      objects.mv,
      objects.cp,
      objects.setdeadline,
      objects.prefetch
    ]
  },
  { title: "Buckets", commands: [objects.listbucket] },
  { title: "Settings", commands: [settings.config, settings.configure, settings.dumpConfig] },
  { title: "This tool", commands: [emulator, completions.make(() => commands)] }
]

/** All commands. */
export const commands: ReadonlyArray<WcsCommand> = sections.flatMap(({ commands }) => commands)
