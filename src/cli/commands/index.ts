/**
 * Every command, as the help groups them.
 */
import type { WcsCommand } from "../WcsCommand.ts"
import * as get from "./get.ts"
import * as objects from "./objects.ts"
import * as put from "./put.ts"
import * as sync from "./sync.ts"
import * as uploads from "./uploads.ts"

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
  {
    title: "Transfers",
    commands: [put.put, put.multiput, put.append, get.get, sync.sync, uploads.uploads]
  },
  { title: "Buckets", commands: [objects.listbucket] }
]

/** All commands. */
export const commands: ReadonlyArray<WcsCommand> = sections.flatMap(({ commands }) => commands)
