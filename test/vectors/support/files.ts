import { readFileSync } from "node:fs"

/** The frozen time of all recordings, in milliseconds since the epoch. */
export const clock = 1_767_323_045_000

/** What a file of vectors holds; `README.md` beside them describes it. */
export interface VectorFile<Case> {
  readonly base_config: { readonly [option: string]: string }
  readonly new_upload_id: string
  readonly cases: ReadonlyArray<Case & { readonly id: string; readonly parity: "exact" | "informative" }>
}

export const load = <Case>(name: string): VectorFile<Case> =>
  JSON.parse(readFileSync(new URL(`../${name}`, import.meta.url), "utf8"))
