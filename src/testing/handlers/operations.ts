import type { Operation } from "../internal/operation.ts"
import { bput } from "./bput.ts"
import { remove } from "./delete.ts"
import { download } from "./download.ts"
import { form } from "./form.ts"
import { list } from "./list.ts"
import { mkblk } from "./mkblk.ts"
import { mkfile } from "./mkfile.ts"
import { stat } from "./stat.ts"

/**
 * Every operation that the emulator knows.
 *
 * @since 0.1.0
 * @category operations
 */
export const operations: ReadonlyArray<Operation> = [form, mkblk, bput, mkfile, stat, list, remove, download]
