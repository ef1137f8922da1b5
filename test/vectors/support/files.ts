import { readFileSync } from "node:fs"
import type { Generator } from "./content.ts"

/** The frozen time of all recordings, in milliseconds since the epoch. */
export const clock = 1_767_323_045_000

/** What a file of vectors holds; `README.md` beside them describes it and all that follows. */
export interface VectorFile<Case> {
  readonly base_config: Options
  readonly new_upload_id: string
  readonly cases: ReadonlyArray<Case & { readonly id: string; readonly parity: "exact" | "informative" }>
}

export type Options = { readonly [option: string]: string }

/** Where some bytes stand in the case's file. */
export interface Place {
  readonly length: number
  readonly sha1: string
  readonly generator?: Generator
  readonly offset?: number
}

export interface RecordedPart {
  readonly name: string
  readonly text?: string
  readonly filename?: string
  readonly content_type?: string | null
  readonly content?: Place & { readonly text?: string }
}

export type RecordedBody =
  | { readonly kind: "none" }
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "bytes" } & Place
  | { readonly kind: "multipart"; readonly parts: ReadonlyArray<RecordedPart> }

export interface RecordedResponse {
  readonly status?: number
  readonly headers?: { readonly [name: string]: string }
  readonly body?: string
  readonly body_gen?: { readonly generator: Generator; readonly size: number }
  readonly gzip?: boolean
  readonly action?: "reset" | "close" | "stall"
}

export type Target = "put" | "mgr" | "source"

export interface RecordedRequest {
  readonly target: Target
  readonly tls?: boolean
  readonly method: string
  readonly path: string
  readonly query: string
  readonly query_pairs?: ReadonlyArray<readonly [string, string]>
  readonly headers: { readonly [name: string]: string }
  readonly auth?: { readonly kind: string; readonly signed_text?: string; readonly differs_from_wire?: boolean }
  readonly body: RecordedBody
  readonly response: RecordedResponse
}

export interface Outcome {
  readonly kind: "return" | "raise" | "exit"
  readonly value?: any
  /** How often a host was tried where nothing listens. */
  readonly tcp_connect_attempts?: number
  /** What the call told on its way: bytes sent, and bytes in all. */
  readonly progress?: ReadonlyArray<readonly [sent: number, total: number]>
}

export type Records = { readonly [path: string]: string | null }

export interface Call {
  readonly method: string
  readonly args: { readonly [name: string]: any }
  readonly config?: Options
  readonly config_memory?: { readonly [option: string]: unknown }
}

export interface RequestCase {
  readonly id: string
  readonly suite: string
  /** Absent: the Python SDK. */
  readonly sdk?: "node"
  readonly call: Call
  readonly files?: {
    readonly [name: string]: { readonly generator: Generator; readonly size: number; readonly sha1: string }
  }
  readonly records_before?: Records
  readonly records_after?: Records
  readonly upload_tokens?: ReadonlyArray<{ readonly policy: { readonly [field: string]: unknown } }>
  readonly ordering?: "lanes"
  readonly requests: ReadonlyArray<RecordedRequest>
  readonly outcome: Outcome
}

export const load = <Case>(name: string): VectorFile<Case> =>
  JSON.parse(readFileSync(new URL(`../${name}`, import.meta.url), "utf8"))
