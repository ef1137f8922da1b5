/** What pages list of names they list whole: the commands of `wcscmd`, the methods of the services. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import type { Wcs } from "effect-wcs"
import { WcsTest } from "effect-wcs/testing"
import { readFileSync } from "node:fs"
import { commands } from "../../src/cli/commands/index.ts"

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8")

const code = (text: string) => [...text.matchAll(/`([^`\n]+)`/g)].map(([, span = ""]) => span)

describe("docs/wcscmd.md", () => {
  const page = read("docs/wcscmd.md")
  const names = commands.flatMap(({ children, name }) =>
    children.length === 0 ? [name] : children.map((child) => `${name} ${child.name}`)
  )

  it("runs each command", () => {
    // They ask, go on until they are stopped, print a script, or want an upload that broke off.
    const told = ["configure", "emulator", "completions", "uploads resume"]
    const runs = (name: string) => new RegExp(`^\\$ (?:.* )?wcscmd (?:--)?${name}(?: |$)`, "m").test(page)
    assert.isEmpty(names.filter((name) => !runs(name) && !told.includes(name)), "it has no line $ wcscmd of these")
    assert.isEmpty(told.filter((name) => !names.includes(name)), "there are no such commands")
  })

  it("tells what --json prints of each command", () => {
    const [, table = ""] = /^\| Command .*\n((?:\|.*\n)+)/m.exec(page) ?? []
    const rows = code([...table.matchAll(/^\|([^|]+)\|/gm)].map(([, cell]) => cell).join("\n"))
    assert.isEmpty(names.filter((name) => !rows.includes(name)), "its table of JSON has no row of these")
  })
})

/** The methods of the services that a program asks for, each behind its service's name. */
const methods = Effect.map(
  Effect.context<Wcs.Services>(),
  ({ unsafeMap }) =>
    [...unsafeMap].flatMap(([key, methods]) => {
      const [, service] = /^effect-wcs\/(\w+)$/.exec(key) ?? []
      return service === undefined ? [] : Object.keys(methods).map((method) => ({ service, method }))
    })
).pipe(Effect.provide(WcsTest.layer()))

/** Those that a page lacks. */
const lacking = (except: ReadonlyArray<string>, has: (service: string, method: string) => boolean) =>
  Effect.map(methods, (all) => {
    const asked = all.filter(({ service }) => !except.includes(service))
    assert.isAbove(asked.length, 30)
    return asked.filter(({ method, service }) => !has(service, method)).map(({ method, service }) =>
      `${service}.${method}`
    )
  })

describe("the methods of the services", () => {
  it.effect("are in README.md's table of services", () => {
    const readme = read("README.md")
    // Their rows say in words what they do.
    const inWords = ["UploadTokens", "Callbacks", "Checksums", "WcsHttpClient", "ProgressStore"]
    const told = (service: string) => code(new RegExp(`^\\| \`${service}\` *\\|([^|]*)`, "m").exec(readme)?.[1] ?? "")
    return Effect.map(
      lacking(inWords, (service, method) => told(service).includes(method)),
      (names) => assert.isEmpty(names, "it lacks these")
    )
  })

  it.effect("are in docs/operations.md", () => {
    const rows = read("docs/operations.md").split("\n").filter((line) => line.startsWith("|"))
    const told = new Set(
      rows.flatMap((row) => row.split("|")).flatMap((cell) => {
        // `Uploader.putFile`, `putBytes`: the second is the Uploader's, too.
        let service = ""
        return code(cell).map((name) => {
          const [method, of = service] = name.split(".").toReversed()
          service = of
          return `${service}.${method}`
        })
      })
    )
    const noOperations = ["WcsHttpClient", "ProgressStore"]
    return Effect.map(
      lacking(noOperations, (service, method) => told.has(`${service}.${method}`)),
      (names) => assert.isEmpty(names, "it lacks these")
    )
  })
})
