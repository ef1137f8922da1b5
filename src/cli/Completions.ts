/**
 * Scripts by which a shell completes a command line of `wcscmd`: commands, then the options of the command at hand and
 * their values, ids of uploads, else files.
 */
import * as Array from "effect/Array"
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
  /** The words that its argument may be; none where it may be any. */
  readonly words: ReadonlyArray<string>
  /** Whether its argument is the id of an upload. */
  readonly takesUpload: boolean
  readonly flags: ReadonlyArray<Shown>
}

/** The words of `bash|zsh|fish`; none of anything else, such as `TOKEN|POLICY|-`. */
const choices = (what: string): ReadonlyArray<string> => /^[a-z\d]+(?:\|[a-z\d]+)+$/.test(what) ? what.split("|") : []

const placesOf = (path: string, command: WcsCommand): ReadonlyArray<Place> => [
  {
    path,
    commands: command.children,
    words: choices(command.usage),
    takesUpload: /^\[?UPLOADID\b/.test(command.usage),
    flags: flagsOf(command)
  },
  ...command.children.flatMap((child) => placesOf(`${path} ${child.name}`, child))
]

const help = { name: "help", alias: "h", takes: "nothing", what: "", description: "Show help." } as const
const version = {
  name: "version",
  alias: undefined,
  takes: "nothing",
  what: "",
  description: "Show the version."
} as const

/** What of an option a shell has to know. */
type Shown = Pick<Flags.Flag<unknown>, "name" | "alias" | "takes" | "what" | "description">

const flagsAt = ({ flags }: Place): ReadonlyArray<Shown> => [...flags, help]

/** The words by which an option is given. */
const wordsOf = ({ alias, name }: Shown): ReadonlyArray<string> => [
  `--${name}`,
  ...(alias === undefined ? [] : [`-${alias}`])
]

/** An option as it stands behind the command that it is one of. */
interface Located {
  readonly path: string
  readonly flag: Shown
}

/**
 * The patterns, in a `case` over command and option, of the options whose values are known; of a switch they may be left
 * out. An option that takes the same in every command is told once.
 */
const valuesOf = (places: ReadonlyArray<Place>): ReadonlyArray<readonly [pattern: string, values: string]> => {
  const all = places.flatMap((place) => flagsAt(place).map((flag): Located => ({ path: place.path, flag })))
  const patterns = all.filter(({ flag }) => choices(flag.what).length > 0).flatMap(({ flag, path }) => {
    const same = all.every((other) => other.flag.name !== flag.name || other.flag.what === flag.what)
    return wordsOf(flag).map((word) =>
      [same ? `*${quoted(` ${word}`)}` : quoted(`${path} ${word}`), choices(flag.what).join(" ")] as const
    )
  })
  const grouped = Array.groupBy([...new Map(patterns)], ([, values]) => values)
  return Object.entries(grouped).map(([values, group]) =>
    [group.map(([pattern]) => pattern).join("|"), values] as const
  )
}

/** What lists the ids of uploads that a shell can have as a word. */
const uploadIds = (tool: string) =>
  `${tool} uploads list --json 2>/dev/null </dev/null | sed -n 's/^{"uploadId":"\\([^" ]*\\)".*/\\1/p'`

/** The patterns of a `case` in bash and zsh. */
const patterns = (texts: ReadonlyArray<string>): string => texts.map(quoted).join("|")

/**
 * What bash and zsh share: which command the words before the cursor name, whether an option waits for its value, and
 * which values the last option has.
 */
const walk = (places: ReadonlyArray<Place>, words: string): string => {
  const every = [...new Map(places.flatMap(flagsAt).map((flag) => [flag.name, flag])).values()]
  const waiting = every.filter(({ takes }) => takes === "value").flatMap(wordsOf)
  const valued = valuesOf(places).map(([pattern, values]) => `    ${pattern}) values=${quoted(values)} ;;`)
  return `  local at='' waits='' last='' values='' word
  for word in ${words}; do
    [[ $word == '=' ]] || last=$word
    if [[ -n $waits && $word != '=' ]]; then
      waits='' last=''
      continue
    fi
    case $word in
      ${patterns(waiting)}) waits=$word ;;
      -*|'=') ;;
      *)
        case "$at\${at:+ }$word" in
          ${patterns(places.map(({ path }) => path).filter((path) => path !== ""))}) at="$at\${at:+ }$word" ;;
        esac
        ;;
    esac
  done
  case "$at $last" in
${valued.join("\n")}
  esac`
}

/** How an object or a URL begins: there are no files to offer for it. */
const remote = "(wcs|https?):"

const bash = (places: ReadonlyArray<Place>): string =>
  `# Completes wcscmd in bash: source <(wcscmd completions bash)
_wcscmd() {
  local cur=\${COMP_WORDS[COMP_CWORD]}
  [[ $cur == '=' ]] && cur=''
  COMPREPLY=()
  # bash parts words at colons, and would offer files for what is behind the one of wcs://.
  if [[ \${COMP_LINE:0:COMP_POINT} =~ (^|[[:space:]=])[^[:alnum:][:space:]]?${remote}[^[:space:]]*$ ]]; then
    compopt +o default +o bashdefault
    return
  fi
${walk(places, `"\${COMP_WORDS[@]:1:COMP_CWORD-1}"`)}
  if [[ -n $values ]]; then
    COMPREPLY=($(compgen -W "$values" -- "$cur"))
  fi
  # The value of an option: files, which bash offers by itself.
  [[ -n $waits || -n $COMPREPLY ]] && return
  local commands='' options=''
  case $at in
${
    places.map((place) =>
      `    ${quoted(place.path)}) commands=${
        quoted([...place.commands.map(({ name }) => name), ...place.words].join(" "))
      } options=${quoted(flagsAt(place).map(({ name }) => `--${name}`).join(" "))} ;;`
    ).join("\n")
  }
  esac
  if [[ $cur == -* ]]; then
    COMPREPLY=($(compgen -W "$options" -- "$cur"))
  elif [[ -n $commands ]]; then
    COMPREPLY=($(compgen -W "$commands" -- "$cur"))
  else
    case $at in
      ${patterns(places.filter(({ takesUpload }) => takesUpload).map(({ path }) => path))})
        COMPREPLY=($(compgen -W "$(${uploadIds("\"${COMP_WORDS[0]}\"")})" -- "$cur"))
        ;;
    esac
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
  if [[ -n $values ]]; then
    compadd -- \${=values}
    [[ -z $waits ]] || return 0
  elif [[ -n $waits ]]; then
    _files
    return
  fi
  case $at in
${
    places.map((place) =>
      `    ${quoted(place.path)})
      commands=(${
        [...place.commands.map(({ description, name }) => item(name, description)), ...place.words.map(quoted)].join(
          " "
        )
      })
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
    case $at in
      ${patterns(places.filter(({ takesUpload }) => takesUpload).map(({ path }) => path))})
        compadd -- \${(f)"$(${uploadIds("$words[1]")})"}
        ;;
      *) _files ;;
    esac
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
      ...place.words.map((name) => `${here} -f -a ${word(name)}`),
      ...place.takesUpload ? [`${here} -f -a ${word(`(${uploadIds("wcscmd")})`)}`] : [],
      ...flagsAt(place).flatMap(({ alias, description, name, takes, what }) => {
        const values = choices(what)
        const given = `-l ${name}${alias === undefined ? "" : ` -s ${alias}`}`
        const told = `-d ${word(brief(description))}`
        if (takes === "value") {
          return [`${here} ${given} ${values.length === 0 ? "-r" : `-x -a ${word(values.join(" "))}`} ${told}`]
        }
        // fish has no option whose value may be left out and stands in a word of its own.
        const after = `__wcscmd_at ${word(place.path)}; and __fish_prev_arg_in --${name}`
        return [
          `${here} ${given} ${told}`,
          ...values.length === 0 ? [] : [`complete -c wcscmd -n ${word(after)} -a ${word(values.join(" "))}`]
        ]
      })
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
complete -c wcscmd -f -n ${word(`string match -qr '^${remote}' -- (commandline -ct)`)}
${lines.join("\n")}`
}

/** The script of a shell. */
export const script = (
  shell: Shell,
  commands: ReadonlyArray<WcsCommand>,
  common: ReadonlyArray<Flags.Flag<unknown>>
): string => {
  const asOptions = commands.filter(({ name }) => name === "configure" || name === "dump-config")
    .map(({ description, name }): Shown => ({ name, alias: undefined, takes: "nothing", what: "", description }))
  const flags = [...common, ...asOptions, version]
  const tool: Place = { path: "", commands, words: [], takesUpload: false, flags }
  const places = [tool, ...commands.flatMap((command) => placesOf(command.name, command))]
  return { bash, zsh, fish }[shell](places)
}
