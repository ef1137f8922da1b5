import { Settings } from "effect-wcs"
import { settingName } from "../src/cli/Flags.ts"

const cell = (text: string) => text.replaceAll("|", "\\|")
const code = (text: string) => text === "" ? "" : `\`${text}\``

const row = (name: Settings.Name): string => {
  const { description, option = "", secret, unit }: Omit<Settings.Setting<unknown>, "schema"> = Settings.table[name]
  const value = unit === undefined ? Settings.expected(name) : `${Settings.expected(name)}; ${unit}`
  const cells = [
    code(name),
    code(Settings.variable(name)),
    secret ? "" : code(`--${settingName(name)}`),
    code(option),
    value,
    code(Settings.about(name).default),
    secret ? `${description} Secret.` : description
  ]
  return `| ${cells.map(cell).join(" | ")} |`
}

/** `docs/settings.md`. */
export const page = `# Settings

Every setting stands in one table of the sources, \`src/domain/Settings.ts\`; this page is written from it by \`npm run docs\`. The first column is the name in a \`.wcscfg\` file, then come the variable of the environment, the option of \`wcscmd\`, and the option of a program, \`WcsConfigLayer.layer({ … })\`. A secret is no option of \`wcscmd\`: the whole machine can read a command line. Which options a command takes, its \`--help\` says. An empty value counts as none. A value that cannot work is refused when the layer is built, by the name of its setting. A folder that is no absolute path is looked for in the current one; \`~\` is refused, since only a shell knows what it stands for.

Precedence of \`WcsNode.layer\`: the variables, then \`~/.wcscfg\`, then the defaults; of \`wcscmd\`, options come before them ([wcscmd.md](wcscmd.md#settings)). The settings that most people need stand in the [README](../README.md#settings).

| \`.wcscfg\` | Variable | \`wcscmd\` | Library | Value | Default | |
| --- | --- | --- | --- | --- | --- | --- |
${Settings.names.map(row).join("\n")}
`
