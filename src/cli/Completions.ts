/**
 * Scripts by which a shell completes a command line of `wcscmd`: commands, then the options of the command at hand, then
 * files.
 */
import type * as Flags from "./Flags.ts"
import { brief, quoted } from "./Format.ts"
import { flagsOf, type WcsCommand } from "./WcsCommand.ts"

/** The shells that there are scripts for. */
export const shells = ["bash", "zsh", "fish"] as const

/** A shell. */
export type Shell = (typeof shells)[number]

/** A place in the tree of commands: what may come next. */
interface Place {
  /** The words that lead there; none for the tool itself. */
  readonly path: string
  readonly commands: ReadonlyArray<WcsCommand>
  readonly flags: ReadonlyArray<Flags.Flag<unknown>>
}

const placesOf = (path: string, command: WcsCommand): ReadonlyArray<Place> => [
  { path, commands: command.children, flags: flagsOf(command) },
  ...command.children.flatMap((child) => placesOf(`${path} ${child.name}`, child))
]

const help = { name: "help", alias: "h", takes: "nothing", what: "", description: "Show help." } as const

/** What of an option a shell has to know. */
type Shown = Pick<Flags.Flag<unknown>, "name" | "alias" | "takes" | "what" | "description">

const flagsAt = ({ flags }: Place): ReadonlyArray<Shown> => [...flags, help]

/** The words by which an option is given. */
const wordsOf = ({ alias, name }: Shown): ReadonlyArray<string> => [
  `--${name}`,
  ...(alias === undefined ? [] : [`-${alias}`])
]

/** The patterns of a `case` in bash and zsh. */
const patterns = (texts: ReadonlyArray<string>): string => texts.map(quoted).join("|")

/** What bash and zsh share: which command the words before the cursor name, and whether an option waits for its value. */
const walk = (places: ReadonlyArray<Place>, words: string): string => {
  const every = [...new Map(places.flatMap(flagsAt).map((flag) => [flag.name, flag])).values()]
  const valued = every.filter(({ takes }) => takes === "value").flatMap(wordsOf)
  return `  local at='' waits='' word
  for word in ${words}; do
    if [[ -n $waits && $word != '=' ]]; then
      waits=''
      continue
    fi
    case $word in
      ${patterns(valued)}) waits=$word ;;
      -*|'=') ;;
      *)
        case "$at\${at:+ }$word" in
          ${patterns(places.map(({ path }) => path).filter((path) => path !== ""))}) at="$at\${at:+ }$word" ;;
        esac
        ;;
    esac
  done`
}

const bash = (places: ReadonlyArray<Place>): string =>
  `# Completes wcscmd in bash: source <(wcscmd completions bash)
_wcscmd() {
  local cur=\${COMP_WORDS[COMP_CWORD]}
  COMPREPLY=()
${walk(places, `"\${COMP_WORDS[@]:1:COMP_CWORD-1}"`)}
  # The value of an option: files, which bash offers by itself.
  [[ -n $waits ]] && return
  local commands='' options=''
  case $at in
${
    places.map((place) =>
      `    ${quoted(place.path)}) commands=${quoted(place.commands.map(({ name }) => name).join(" "))} options=${
        quoted(flagsAt(place).map(({ name }) => `--${name}`).join(" "))
      } ;;`
    ).join("\n")
  }
  esac
  if [[ $cur == -* ]]; then
    COMPREPLY=($(compgen -W "$options" -- "$cur"))
  elif [[ -n $commands ]]; then
    COMPREPLY=($(compgen -W "$commands" -- "$cur"))
  fi
}
complete -o bashdefault -o default -F _wcscmd wcscmd`

const zsh = (places: ReadonlyArray<Place>): string => {
  // A colon parts a word from its description.
  const item = (word: string, description: string) => quoted(`${word}:${brief(description)}`)
  return `#compdef wcscmd
# Completes wcscmd in zsh: source <(wcscmd completions zsh), or as _wcscmd in a folder of $fpath
_wcscmd() {
  local -a commands options
${walk(places, `"\${(@)words[2,CURRENT-1]}"`)}
  if [[ -n $waits ]]; then
    _files
    return
  fi
  case $at in
${
    places.map((place) =>
      `    ${quoted(place.path)})
      commands=(${place.commands.map(({ description, name }) => item(name, description)).join(" ")})
      options=(${flagsAt(place).map(({ description, name }) => item(`--${name}`, description)).join("\n        ")})
      ;;`
    ).join("\n")
  }
  esac
  if [[ \${words[CURRENT]} == -* ]]; then
    _describe -o option options
  elif (( \${#commands} )); then
    _describe command commands
  else
    _files
  fi
}
if [[ \${funcstack[1]} == _wcscmd ]]; then
  _wcscmd "$@"
elif (( \${+functions[compdef]} )); then
  compdef _wcscmd wcscmd
fi`
}

const fish = (places: ReadonlyArray<Place>): string => {
  const every = [...new Map(places.flatMap(flagsAt).map((flag) => [flag.name, flag])).values()]
  const valued = every.filter(({ takes }) => takes === "value").flatMap(wordsOf)
  // fish knows no '\\'' within quotes.
  const word = (text: string) => `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`
  const lines = places.flatMap((place) => {
    const here = `complete -c wcscmd -n ${word(`__wcscmd_at ${word(place.path)}`)}`
    return [
      ...place.commands.map(({ description, name }) => `${here} -f -a ${word(name)} -d ${word(brief(description))}`),
      ...flagsAt(place).map(({ alias, description, name, takes }) =>
        `${here} -l ${name}${alias === undefined ? "" : ` -s ${alias}`}${takes === "value" ? " -r" : ""} -d ${
          word(brief(description))
        }`
      )
    ]
  })
  return `# Completes wcscmd in fish: wcscmd completions fish | source
function __wcscmd_at
  set -l at ''
  set -l waits 0
  for word in (commandline -opc)[2..]
    if test $waits = 1
      set waits 0
      continue
    end
    switch $word
      case ${valued.map(word).join(" ")}
        set waits 1
      case '-*'
      case '*'
        set -l next (string trim -- "$at $word")
        switch $next
          case ${places.map(({ path }) => path).filter((path) => path !== "").map(word).join(" ")}
            set at $next
        end
    end
  end
  test "$at" = "$argv[1]"
end
${lines.join("\n")}`
}

/** The script of a shell. */
export const script = (
  shell: Shell,
  commands: ReadonlyArray<WcsCommand>,
  common: ReadonlyArray<Flags.Flag<unknown>>
): string => {
  const tool: Place = { path: "", commands, flags: common }
  const places = [tool, ...commands.flatMap((command) => placesOf(command.name, command))]
  return { bash, zsh, fish }[shell](places)
}
