import type { WcsError } from "../../../src/domain/WcsError.ts"
import type { Deviation } from "./deviations.ts"

type Tag = WcsError["_tag"] | "ConfigError"

/** What a case does here that it does not do in the recording. */
export interface Expectation {
  readonly why: ReadonlyArray<Deviation>
  /**
   * All steps (see `steps.ts`) in order; `*4` four times, and with `?` a step that the failure of another block may have
   * prevented. Absent: as recorded.
   */
  readonly steps?: string
  /** How often a host is tried that cannot be reached. Absent: as recorded. */
  readonly refusals?: number
  /** What the request says instead of what the recorded one says. Absent: the same. */
  readonly request?: {
    readonly query?: string
    readonly body?: string
    /** `false`: without Authorization. */
    readonly signed?: boolean
  }
  /** `succeeds`, or the error that it ends with. Absent: what the recorded outcome means. */
  readonly ends?: "succeeds" | Tag
}

const refused = (ends: Tag, why: Deviation): Expectation => ({ why: [why], steps: "", ends })

const stopped = (steps: string): Expectation => ({ why: ["siblings-stop"], steps })

const repeated = (steps: string, ...more: ReadonlyArray<Deviation>): Expectation => ({
  why: ["retry-more", ...more],
  steps,
  ends: "succeeds"
})

const asked = (steps: string): Expectation => ({ why: ["stat-first"], steps })

/** The vendor raises or exits; only the way in which the failure is told differs. */
const fails = (ends: Tag): Expectation => ({ why: [], ends })

const two = "mkblk0 bput0@2097152 mkblk1"
const mkfile4 = "mkfile stat mkfile stat mkfile stat mkfile"

const compress = "fops=bucket/YnVja2V0LWE=/keys/YS50eHQs55uu5b2VL2IudHh0/saveas/YnVja2V0LWE6b3V0L-aJk-WMhS56aXA="
const notifyUrl = "aHR0cDovL25vdGlmeS5leGFtcGxlLmNvbS9jYj94PTEmeT3kuK3mloc="

const rest = (block: number, ...offsets: ReadonlyArray<number>) =>
  offsets.map((offset) => `bput${block}@${offset * 1048576}`).join(" ")

/** By the beginning of the case's id. */
export const expectations: { readonly [id: string]: Expectation } = {
  "simple_upload.p011": refused("WcsInvalidInput", "key-rules"),
  "simple_upload.p019": fails("WcsFileError"),
  "simple_upload.p020": fails("WcsFileError"),
  "simple_upload.p022": repeated("form stat form", "stat-first"),
  "simple_upload.p023": repeated("form form"),
  "simple_upload.p024": repeated("form stat form", "stat-first"),
  "simple_upload.p025": repeated("form stat form", "stat-first"),
  "simple_upload.p027": { why: ["verify-by-stat"], steps: "form stat" },
  "simple_upload.p029": { why: ["retry-more", "stat-first"], steps: "stat*3" },
  "simple_upload.p030": { why: ["verify-by-stat"], steps: "form stat" },
  "policy.p005": refused("WcsInvalidInput", "policy-dangling"),
  "policy.p006": refused("WcsInvalidInput", "policy-dangling"),
  "policy.p009": refused("WcsInvalidInput", "policy-dangling"),
  "policy.p010": refused("WcsInvalidInput", "policy-dangling"),
  "policy.p013": refused("WcsInvalidInput", "policy-conflict"),
  "policy.p017": refused("ConfigError", "token-lifetime"),
  "traffic.p005": fails("ConfigError"),
  "traffic.p006": refused("ConfigError", "traffic-limit"),
  "traffic.p007": fails("ConfigError"),
  "stream_upload.p012": fails("WcsNetworkError"),

  "multipart.p032": fails("WcsFileError"),
  "multipart.p035": fails("ConfigError"),
  "multipart.p038": refused("WcsInvalidInput", "return-url-blocks"),

  "smart.p012": fails("WcsUnauthorized"),
  "smart.p013": fails("WcsFileError"),
  "smart_retry.p001": fails("WcsServerFailure"),
  "smart_retry.p002": { ...stopped("mkblk0 mkblk1?"), ends: "WcsUnauthorized" },
  "smart_retry.p003": fails("WcsNetworkError"),
  "smart_retry.p004": repeated("mkblk0*2 bput0@2097152 mkblk1 mkfile"),
  "smart_retry.p009": { ...asked(`${two} ${mkfile4}`), ends: "WcsServerFailure" },
  "smart_retry.p010": { why: ["resend-stale"], steps: `${two} mkfile ${two} mkfile`, ends: "succeeds" },
  "smart_retry.p011": repeated(`${two} mkfile stat mkfile`, "stat-first"),

  "retry.p001": stopped("mkblk0*4"),
  "retry.p003": repeated("mkblk0*2 bput0@2097152 mkblk1 mkfile"),
  "retry.p004": repeated("mkblk0*2 bput0@2097152 mkblk1 mkfile"),
  "retry.p005": fails("WcsUnauthorized"),
  "retry.p006": stopped("mkblk0*4"),
  "retry.p010": stopped("mkblk0*4"),
  "retry.p016": stopped("mkblk0"),
  "retry.p017": stopped("mkblk0*2"),
  "retry.p018": fails("WcsRefused"),
  "retry.p019": repeated("mkblk0*2 bput0@2097152 mkblk1 mkfile"),
  "retry.p021": stopped("mkblk0 bput0@2097152*4"),
  "retry.p023": repeated("mkblk0 bput0@2097152*2 mkblk1 mkfile"),
  "retry.p024": stopped("mkblk0 bput0@2097152"),
  "retry.p025": stopped("mkblk0 bput0@2097152 mkblk1?"),
  "retry.p026": stopped("mkblk0 bput0@2097152*4"),
  "retry.p029": stopped("mkblk0 bput0@2097152*4"),
  "retry.p033": stopped("mkblk0 bput0@2097152*2"),
  "retry.p034": stopped("mkblk0 bput0@2097152"),
  "retry.p036": stopped("mkblk0 bput0@2097152 mkblk1?"),
  "retry.p037": asked(`${two} ${mkfile4}`),
  "retry.p038": asked(`${two} ${mkfile4}`),
  "retry.p039": repeated(`${two} mkfile mkfile`),
  "retry.p040": repeated(`${two} mkfile mkfile`),
  "retry.p041": { why: ["resend-stale"], steps: `${two} mkfile ${two} mkfile`, ends: "succeeds" },
  "retry.p042": asked(`${two} ${mkfile4}`),
  "retry.p043": asked(`${two} ${mkfile4}`),
  "retry.p044": asked(`${two} mkfile stat mkfile`),
  "retry.p045": asked(`${two} ${mkfile4}`),
  "retry.p046": asked(`${two} mkfile stat mkfile stat mkfile`),
  "retry.p047": asked(`${two} mkfile stat mkfile`),
  "retry.p050": asked(`${two} ${mkfile4} stat mkfile stat mkfile`),
  "retry.p052": repeated(`${two} mkfile stat mkfile`, "stat-first"),
  "retry.p053": {
    why: ["bput-budget"],
    steps: `mkblk0 ${rest(0, 0.5, 0.5, 1, 1, 1.5, 1.5, 2, 2, 2.5, 3, 3.5)} mkfile`,
    ends: "succeeds"
  },
  "retry.p054": stopped("mkblk0? mkblk1? mkblk2?"),
  "retry.p055": fails("WcsUnauthorized"),
  "retry.p056": { why: ["connect-attempts"], refusals: 4 },

  "resume.p001": stopped("mkblk0? mkblk1 mkblk2?"),
  "resume.p003": fails("WcsUnauthorized"),
  "resume.p009": stopped("mkblk0? bput0@2097152? mkblk1? bput1@2097152?"),
  "resume.p011": repeated(
    [
      `mkblk0*2 ${rest(0, 1, 2, 3)}`,
      `mkblk1 ${rest(1, 1, 2, 3)}`,
      `mkblk2 ${rest(2, 1, 2, 3)}`,
      `mkblk3*2 ${rest(3, 1, 2, 3)}`,
      `mkblk4 ${rest(4, 1, 2, 3)}`,
      "mkfile"
    ].join(" ")
  ),
  "resume.p013": stopped("mkblk0 mkblk0*3? mkblk1 mkblk1*3? mkblk2 mkblk2*3?"),
  "resume.p015": stopped("mkblk0? mkblk1 mkblk2?"),
  "resume.p016": asked(`mkblk1 ${mkfile4}`),

  "node_resume.p005": { why: ["small-blocks"], steps: "mkblk0 mkfile", ends: "succeeds" },
  "node_resume.p007": repeated("mkblk0 mkblk1*2 mkblk2 mkfile"),
  "node_resume.p008": { why: ["node-record"] },
  "node_resume.p009": { why: ["node-record"], steps: "mkblk0 mkblk1 mkblk2 mkfile" },
  "node_manage.p004": {
    why: ["fops-parameters"],
    request: { body: "bucket=YnVja2V0LWE=&key=di5tcDQ=&fops=YXZ0aHVtYi9tcDQvdmIvNjRr&notifyURL=" }
  },
  "node_manage.p005": {
    why: ["fops-parameters"],
    request: {
      body: "bucket=YnVja2V0LWE=&key=6KeG6aKRLm1wNA==&fops=YXZ0aHVtYi9tcDR8c2F2ZWFzL1lqcHI="
        + "&notifyURL=aHR0cDovL25vdGlmeS5leGFtcGxlLmNvbS9jYg==&force=1&separate=1"
    }
  },
  "node_manage.p006": { why: ["unsigned-status"], request: { signed: false } },

  "stat.p015": refused("WcsInvalidInput", "empty-key"),
  "list.p076": refused("WcsInvalidInput", "list-limit"),
  "list.p077": fails("WcsInvalidInput"),
  "list.p078": fails("WcsInvalidInput"),
  "list.p079": { why: ["list-mode"] },
  "list.p088": refused("ConfigError", "list-mode"),
  "list_all.p004": repeated("list*3"),
  "wslive.p004": refused("WcsInvalidInput", "live-range"),

  "bucket_statistics.p005": {
    why: ["details-sent"],
    request: {
      query: "name=YnVja2V0LWE=&type=uploadRequest&startdate=2026-01-01&enddate=2026-01-02&isListDetails=true"
    }
  },

  "fmgr.p013": { why: ["compress-saveas"], request: { body: compress } },
  "fmgr.p014": {
    why: ["compress-saveas"],
    request: { body: `${compress}&notifyURL=${notifyUrl}&separate=1&force=1` }
  },
  "fmgr.p021": refused("ConfigError", "task-flags"),
  "fmgr.p023": refused("WcsInvalidInput", "empty-batch"),

  "answers.p007": repeated("stat*2"),
  "answers.p008": repeated("delete*2"),
  "answers.p009": repeated("stat*2"),
  "answers.p010": repeated("delete*2"),
  "answers.p012": repeated("delete*2"),
  "answers.p013": repeated("stat*2"),
  "answers.p014": repeated("stat*2"),
  "answers.p015": repeated("delete*2"),
  "answers.p016": repeated("stat*2"),
  "answers.p017": { why: ["answer-shape", "retry-more"], steps: "stat*2" },
  "answers.p018": { why: ["answer-shape", "retry-more"], steps: "stat*2" },
  "answers.p022": { why: ["answer-shape", "retry-more"], steps: "stat*2" },
  "answers.p025": { why: ["hidden-error"], ends: "WcsNotFound" },
  "answers.p026": { why: ["retry-more"], refusals: 4 },
  "answers.p029": repeated("stat*2"),
  "transport.p007": { why: ["retry-more"], refusals: 4 }
}

/** What is expected of a case by its id. */
export const expectationOf = (id: string): Expectation | undefined => expectations[id.split(".").slice(0, 2).join(".")]
