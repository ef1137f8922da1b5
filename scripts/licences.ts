/** THIRD-PARTY-LICENSES.md: the packages that this one needs, and the notices of those whose code is in the commands. */
import type { Metafile } from "esbuild"
import { readdirSync, readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"

const root = fileURLToPath(new URL("..", import.meta.url))

export const page = `${root}/THIRD-PARTY-LICENSES.md`

interface Package {
  readonly name: string
  readonly version: string
  readonly license: string
}

const packageIn = (folder: string): Package => JSON.parse(readFileSync(`${root}/${folder}/package.json`, "utf8"))

/** The folders of the packages whose code is in bundles. */
const bundled = ({ outputs }: Metafile): ReadonlyArray<string> => {
  const sources = Object.values(outputs).flatMap(({ inputs }) =>
    Object.entries(inputs).flatMap(([path, { bytesInOutput }]) => bytesInOutput > 0 ? [path] : [])
  )
  const folders = sources.flatMap((path) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path) ?? [])
  return [...new Set(folders)].toSorted()
}

const notice = (folder: string): string => {
  const { license, name, version } = packageIn(folder)
  const files = readdirSync(`${root}/${folder}`).filter((file) => /^(?:licen[cs]e|notice)/i.test(file)).toSorted()
  if (files.length === 0) throw new Error(`${name} has no licence text`)
  const texts = files.map((file) => readFileSync(`${root}/${folder}/${file}`, "utf8").replaceAll("\r", "").trim())
  return `### ${name} ${version}, ${license}\n\n\`\`\`text\n${texts.join("\n\n")}\n\`\`\`\n`
}

/** The page, for the bundles that a metafile describes. */
export const thirdParty = (metafile: Metafile): string => {
  const manifest = JSON.parse(readFileSync(`${root}/package.json`, "utf8"))
  const needed = (kind: "dependencies" | "peerDependencies") =>
    Object.entries<string>(manifest[kind]).map(([name, range]) =>
      `- ${name} ${range}, ${packageIn(`node_modules/${name}`).license}`
    ).join("\n")
  return `# Third-party licences

effect-wcs itself is under the licence in [LICENSE](LICENSE). \`npm run docs\` writes this page; \`npm run build\` fails when it is out of date.

## Installed with it

Dependencies:

${needed("dependencies")}

Peers, which the program that uses effect-wcs chooses:

${needed("peerDependencies")}

## Contained in the commands

\`dist/bin\` holds \`wcscmd\`, \`wcs_etag_cal\` and \`wcs_crc64_cal\` with all that they need: code of the packages below.

${bundled(metafile).map(notice).join("\n")}`
}
