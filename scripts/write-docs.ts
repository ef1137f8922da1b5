/** Writes the pages that derive from the sources; a test compares them. */
import { Settings } from "effect-wcs"
import { writeFileSync } from "node:fs"

const page = `# Settings

Every setting stands in one table of the sources, \`src/domain/Settings.ts\`; this page is written from it by \`npm run docs\`. A program gives options (\`WcsConfigLayer.layer({ … })\`), an environment variables, a \`.wcscfg\` file the names of the first column. An empty value counts as none. A value that cannot work is refused when the layer is built, by the name of its setting.

Precedence of \`WcsNode.layer\`: the variables, then \`~/.wcscfg\`, then the defaults; of \`wcscmd\`, options come before them ([wcscmd.md](wcscmd.md#settings)). The settings that most people need stand in the [README](../README.md#settings).

${Settings.toMarkdown()}
`

writeFileSync(new URL("../docs/settings.md", import.meta.url), page)
