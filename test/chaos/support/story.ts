/**
 * The life of one upload: it is begun, killed, begun again, while the service misbehaves and the file is edited, until
 * nothing hinders it any more.
 */
import { Effect, Option, Stream } from "effect"
import { Emulator, EmulatorAddress, type EmulatorObject } from "effect-wcs/testing"
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, truncateSync } from "node:fs"
import { tmpdir } from "node:os"
import type { Dice } from "./dice.ts"
import { count, type Figures } from "./figures.ts"
import * as films from "./film.ts"
import { type Ended, run, type Running } from "./process.ts"
import * as service from "./service.ts"

export const bucket = "media"
/** It shows up nowhere. */
export const secretKey = "secret-key-of-the-crash-tests"

/** The base64url of 40 hexadecimal digits: a signature, alone or in a token (protocol 2.1). */
const signature = /[\w-]{54}==/

/** How long a process may take that nobody kills: beyond it, it hangs. */
const hang = "2 minutes"

/** Exit codes of a run that the service, a fault or an edit has made fail (docs/wcscmd.md). */
const usual = new Set<number | null>([0, 1, 3, 4, 5, 6, 7, 9])

interface Receipt {
  readonly etag: string
  readonly verified: string
  readonly uploadId?: string
  readonly blocks: { readonly sent: number; readonly resumed: number }
}

/** A place for one story's files, which is gone with the scope. */
const folder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(`${tmpdir()}/effect-wcs-chaos-`)),
  (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true }))
)

/** When a process is killed: soon after it began, at a moment of its nth request, or never. */
const planKill = (dice: Dice, name: string) => {
  const kind = dice.number(`${name} kill`, 0, 19)
  if (kind < 8) return { at: "start", after: dice.number(`${name} time`, 0, 150) } as const
  if (kind < 19) {
    return {
      at: dice.pick(`${name} moment`, ["head", "body", "answer", "after"] as const),
      nth: dice.pick(`${name} request`, [1, 2, 2, 3, 4]),
      /** Of the pieces in which a body comes. */
      piece: dice.number(`${name} piece`, 1, 40)
    }
  }
  return undefined
}

/** Files of a folder and of those below it. */
const filesBelow = (path: string): ReadonlyArray<string> =>
  statSync(path, { throwIfNoEntry: false }) === undefined
    ? []
    : readdirSync(path, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => `${entry.parentPath}/${entry.name}`)
      .toSorted()

/** Tells one story, and notes what happened. */
export const tell = (story: number, dice: Dice, figures: Figures, bin: string) =>
  Effect.scoped(Effect.gen(function*() {
    const emulator = yield* Emulator.Emulator
    const address = yield* EmulatorAddress.EmulatorAddress
    const stage = yield* service.Stage
    const home = yield* folder
    const location = { bucket, key: `story-${story}.bin` }
    const film = films.make(`${home}/film.bin`, dice)
    const records = `${home}/records`
    const overwrites = dice.chance("overwrite", 0.6)
    const named = dice.chance("upload id", 0.1)
    const uploadId = named ? ["--upload-id", `story ${story}`] : []
    const command = dice.pick("command", ["put", "multiput", "multiput"])
    const env = {
      HOME: home,
      WCS_PUT_URL: address.uploadUrl,
      WCS_MGR_URL: address.managementUrl,
      WCS_ACCESS_KEY: address.accessKey,
      WCS_SECRET_KEY: address.secretKey,
      WCS_TMP_RECORD_FOLDER: records,
      WCS_MULTI_SIZE: dice.pick("multi_size", ["0", "0", "20"]),
      WCS_CONCURRENCY: dice.pick("concurrency", ["0", "1", "1", "2", "4"]),
      WCS_BPUT_SIZE: dice.pick("bput_size", ["4194304", "4194304", "2097152", "1500000"]),
      WCS_CONNECTION_RETRIES: dice.pick("connection_retries", ["0", "1", "2"]),
      WCS_MKBLK_RETRIES: dice.pick("mkblk_retries", ["0", "1", "2"]),
      WCS_BPUT_RETRIES: dice.pick("bput_retries", ["0", "1", "2"]),
      WCS_MKFILE_RETRIES: dice.pick("mkfile_retries", ["0", "1", "2"])
    }
    const arguments_ = [
      command,
      `wcs://${bucket}/${location.key}`,
      film.path,
      "--json",
      ...uploadId,
      ...(overwrites ? ["--overwrite", "1"] : [])
    ]
    let edited = false
    /** The object whose content was compared last. */
    let compared: { readonly putTime: number; readonly etag: string; readonly version: number } | undefined

    const violation = (round: number, what: string, { stderr, stdout }: Ended) =>
      void figures.violations.push({ story, round, what, output: `${stdout}${stderr}` })

    /** Which version the object is; -1 for none of them. */
    const versionOf = (object: EmulatorObject.EmulatorObject) =>
      Effect.gen(function*() {
        if (compared?.putTime === object.putTime && compared.etag === object.etag) return compared.version
        const content = Buffer.concat([...(yield* Stream.runCollect(emulator.content(location)))])
        const version = film.versions.findLastIndex((version) => version.equals(content))
        compared = { putTime: object.putTime, etag: object.etag, version }
        return version
      })

    /** The invariant: absent, or one version; success only for the version that the file is. */
    const judge = (round: number, ended: Ended) =>
      Effect.gen(function*() {
        yield* stage.settled
        const object = yield* emulator.object(location)
        const version = Option.isNone(object) ? undefined : yield* versionOf(object.value)
        const current = film.versions.length - 1
        if (version === -1) violation(round, "the object is no version of the file", ended)
        if (ended.code === 0 && version !== current) {
          violation(round, `success was told, but the object is ${version ?? "absent"}, not ${current}`, ended)
        }
        if (ended.signal === null && !usual.has(ended.code)) violation(round, `exit code ${ended.code}`, ended)
        const output = ended.stdout + ended.stderr
        if (/an error of wcscmd itself/.test(output)) violation(round, "the tool has crashed", ended)
        if (output.includes(secretKey) || signature.test(output)) violation(round, "a secret was told", ended)
        if (ended.code !== 0) return
        const receipt: Receipt = JSON.parse(ended.stdout)
        figures.blocks.sent += receipt.blocks.sent
        figures.blocks.resumed += receipt.blocks.resumed
        if (receipt.etag !== Option.getOrUndefined(object)?.etag || receipt.verified !== "etag") {
          violation(round, "the receipt tells another content", ended)
        }
        const left = filesBelow(records).filter((file) => file.includes(receipt.uploadId ?? "\n"))
        if (left.length > 0) violation(round, `records are left: ${left.join(", ")}`, ended)
      })

    const attempt = (round: number, script: service.Script | undefined, started: (running: Running) => void) =>
      Effect.gen(function*() {
        yield* stage.begin(script)
        figures.runs += 1
        const ended = yield* run({ bin, cwd: home, env, arguments: arguments_, started }).pipe(
          Effect.timeoutTo({
            duration: hang,
            onSuccess: (ended) => ended,
            onTimeout: (): Ended => ({ stdout: "", stderr: "it hangs", code: -1, signal: null })
          })
        )
        if (ended.signal === null) count(figures.exits, ended.code ?? "none")
        yield* judge(round, ended)
        return ended
      })

    /** What happens before a run: an edit, a service that has forgotten, a record that was not written to its end. */
    const between = (name: string) =>
      Effect.gen(function*() {
        if (dice.chance(`${name} edited`, 0.25)) {
          edited = true
          count(figures.edits, film.edit(name))
        }
        if (dice.chance(`${name} forgets`, 0.05)) {
          figures.forgotten += 1
          yield* emulator.expireBlocks()
        }
        const files = filesBelow(records)
        if (files.length > 0 && dice.chance(`${name} tears`, 0.05)) {
          const file = files[dice.number(`${name} file`, 0, files.length - 1)]!
          // The head of a manifest is on the disk before anything else is done.
          const head = file.endsWith(".manifest") ? `${readFileSync(file, "utf8")}\n`.indexOf("\n") : 0
          figures.torn += 1
          truncateSync(file, dice.number(`${name} length`, head, statSync(file).size))
        }
      })

    const rounds = dice.number("rounds", 2, 12)
    const severity = dice.pick("severity", [0.05, 0.15, 0.3])
    for (let round = 0; round < rounds; round++) {
      const name = `round ${round}`
      if (round > 0) yield* between(name)
      const kill = planKill(dice, name)
      let running: Running | undefined
      let pieces = 0
      const shoot = (moment: string) => {
        if (running === undefined) return
        count(figures.kills, moment)
        running.kill()
        running = undefined
      }
      const ended = yield* attempt(round, {
        trouble: (request) => {
          if (!dice.chance(`${name} ${request} fails`, severity)) return undefined
          const trouble = service.names[dice.number(`${name} ${request} trouble`, 0, service.names.length - 1)]!
          count(figures.faults, trouble.replace(/:.*/, ""))
          return trouble
        },
        damage: (nth) => {
          const damaged = dice.chance(`${name} chunk ${nth} damaged`, severity / 3)
          if (damaged) count(figures.faults, "chunk changed on its way")
          return damaged
        },
        saw: (nth, moment) => {
          if (kill?.at !== moment || nth < kill.nth) return
          pieces += 1
          if (moment !== "body" || pieces >= kill.piece) shoot(moment)
        }
      }, (started) => {
        running = started
        if (kill?.at === "start") setTimeout(() => shoot("start"), kill.after)
      })
      running = undefined
      // Without leave to overwrite, and with a record of another content, nothing more can come.
      if (ended.code === 5 || ended.code === 9) break
      if (ended.code === 0 && dice.chance(`${name} is content`, 0.7)) break
    }

    // Nothing hinders it any more: what was left behind must not, either.
    const last = yield* attempt(rounds, undefined, () => undefined)
    const taken = last.code === 5 && !overwrites && Option.isSome(yield* emulator.object(location))
    const another = last.code === 9 && named && edited
    if (last.code !== 0 && !taken && !another) violation(rounds, "it does not end well without faults", last)
    yield* emulator.removeObject(location)
    yield* emulator.expireBlocks()
    figures.stories += 1
  }))
