import { Effect } from "effect"
import * as MediaPipeline from "../../../../src/domain/MediaPipeline.ts"
import { FileManager, type Start } from "../../../../src/services/FileManager.ts"
import { Media } from "../../../../src/services/Media.ts"
import * as commands from "./commands.ts"
import type { Methods } from "./methods.ts"

/** Starts a batch of the commands that the call gives as text. */
const batch = <Command>(
  start: (files: FileManager["Type"]) => Start<Command>,
  read: (parameters: commands.Parameters) => Command
): Methods[string] =>
({ fops }) => Effect.flatMap(FileManager, (files) => start(files)(commands.parse(fops).map(read)))

export const tasks: Methods = {
  fmgr_move: batch((files) => files.move, commands.transfer),
  fmgr_copy: batch((files) => files.copy, commands.transfer),
  fmgr_fetch: batch((files) => files.fetch, commands.fetch),
  fmgr_delete: batch((files) => files.delete, commands.object),
  prefix_delete: batch((files) => files.deletePrefix, commands.folder),
  m3u8_delete: batch((files) => files.deleteM3u8, commands.playlist),
  fmgr_compress: batch((files) => files.compress, commands.archive),
  fmgr_status: ({ persistentId }) => Effect.flatMap(FileManager, (files) => files.status(persistentId)),
  ops_execute: ({ bucket, fops, key, options }) =>
    Effect.flatMap(Media, (media) => media.process({ bucket, key }, fops.split(";").map(MediaPipeline.raw), options)),
  ops_status: ({ persistentId }) => Effect.flatMap(Media, (media) => media.status(persistentId))
}
