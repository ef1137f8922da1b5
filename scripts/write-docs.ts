/** Writes the pages that derive from the sources; a test or the build compares them. */
import { Settings } from "effect-wcs"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { bundle } from "./cli.ts"
import { page as licences, thirdParty } from "./licences.ts"

const page = `# Settings

Every setting stands in one table of the sources, \`src/domain/Settings.ts\`; this page is written from it by \`npm run docs\`. A program gives options (\`WcsConfigLayer.layer({ … })\`), an environment variables, a \`.wcscfg\` file the names of the first column. An empty value counts as none. A value that cannot work is refused when the layer is built, by the name of its setting.

Precedence of \`WcsNode.layer\`: the variables, then \`~/.wcscfg\`, then the defaults; of \`wcscmd\`, options come before them ([wcscmd.md](wcscmd.md#settings)). The settings that most people need stand in the [README](../README.md#settings).

${Settings.toMarkdown()}
`

writeFileSync(new URL("../docs/settings.md", import.meta.url), page)

const bin = mkdtempSync(join(tmpdir(), "effect-wcs-bin-"))
writeFileSync(licences, thirdParty(await bundle(bin)))
rmSync(bin, { recursive: true, force: true })
