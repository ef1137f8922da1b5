import type { Operation } from "../internal/operation.ts"
import { append } from "./append.ts"
import { bput } from "./bput.ts"
import { bucketList, bucketStat, bucketStatistics } from "./buckets.ts"
import { remove } from "./delete.ts"
import { download } from "./download.ts"
import { fmgr } from "./fmgr.ts"
import { fops } from "./fops.ts"
import { form } from "./form.ts"
import { imageDetect } from "./imageDetect.ts"
import { list } from "./list.ts"
import { avinfo, avinfo2, exif, imageInfo } from "./media.ts"
import { mkblk } from "./mkblk.ts"
import { mkfile } from "./mkfile.ts"
import { prefetch } from "./prefetch.ts"
import { preflight } from "./preflight.ts"
import { setDeadline } from "./setdeadline.ts"
import { stat } from "./stat.ts"
import { fmgrStatus, fopsStatus } from "./tasks.ts"
import { copy, move } from "./transfer.ts"
import { wsliveList } from "./wslive.ts"

/**
 * Every operation that the emulator knows.
 *
 * @since 0.1.0
 * @category operations
 */
export const operations: ReadonlyArray<Operation> = [
  form,
  append,
  mkblk,
  bput,
  mkfile,
  stat,
  list,
  remove,
  move,
  copy,
  setDeadline,
  prefetch,
  bucketList,
  bucketStat,
  bucketStatistics,
  imageDetect,
  wsliveList,
  // Questions about an object stand on its download URL.
  imageInfo,
  exif,
  avinfo,
  avinfo2,
  download,
  preflight,
  ...fmgr,
  fops,
  fmgrStatus,
  fopsStatus
]
