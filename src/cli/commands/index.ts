/**
 * Every command, as the help groups them.
 */
import type { WcsCommand } from "../WcsCommand.ts"
import * as buckets from "./buckets.ts"
import * as checksums from "./checksums.ts"
import * as completions from "./completions.ts"
import { emulator } from "./emulator.ts"
import * as get from "./get.ts"
import * as live from "./live.ts"
import * as media from "./media.ts"
import * as objects from "./objects.ts"
import * as put from "./put.ts"
import * as settings from "./settings.ts"
import * as sync from "./sync.ts"
import * as tasks from "./tasks.ts"
import * as tokens from "./tokens.ts"
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
  { title: "Buckets", commands: [buckets.listbucket, buckets.bucketstat] },
  {
    title: "Tasks of the service",
    commands: [
      tasks.deletePrefix,
      tasks.fetch,
      tasks.compress,
      tasks.deletem3u8,
      tasks.fmgrStatus,
      tasks.fops,
      tasks.fopsStatus
    ]
  },
  { title: "Media", commands: [media.imagedetect, media.imageinfo, media.exif, media.avinfo, live.live] },
  { title: "Upload tokens", commands: [tokens.token] },
  { title: "Local files", commands: [checksums.etag, checksums.crc64] },
  { title: "Settings", commands: [settings.config, settings.configure, settings.dumpConfig] },
  { title: "This tool", commands: [emulator, completions.make(() => commands)] }
]

/** All commands. */
export const commands: ReadonlyArray<WcsCommand> = sections.flatMap(({ commands }) => commands)
