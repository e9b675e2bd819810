// The scripts that complete commands, flags and their values in a shell, made from the tables of the command line.
import { formatFlag, offSwitchKind, toKebabCase, type Flag } from '../flags/flags.js'
import { listTopics, type CommandSpec, type ProgramSpec } from '../parser.js'

export const shells = ['bash', 'zsh', 'fish'] as const
export type Shell = (typeof shells)[number]

export const createCompletion = (shell: Shell, program: ProgramSpec): string => creators[shell](program)

const creators: Readonly<Record<Shell, (program: ProgramSpec) => string>> = {
  bash: createBashScript,
  // zsh runs the scripts of bash; source: man zshcompsys, bashcompinit
  zsh: (program) =>
    `autoload -U +X compinit && compinit\nautoload -U +X bashcompinit && bashcompinit\n${createBashScript(program)}`,
  fish: createFishScript,
}

function createBashScript(program: ProgramSpec): string {
  const { commands } = program
  const names = [...commands.map(({ name }) => name), 'help']
  const choices = commands.flatMap((command) =>
    listFlags(command).flatMap((flag) =>
      flag.words ? [[`${command.name}:${formatFlag(flag)}`, flag.words] as const] : [],
    ),
  )
  choices.push(['help:help', listHelpWords(program)])
  return `_optimize_export() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}"
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "${names.join(' ')} --help --version" -- "$current"))
    return
  fi
  case "\${COMP_WORDS[1]}:$previous" in
${choices.map(([flag, words]) => `    ${flag}) COMPREPLY=($(compgen -W "${words.join(' ')}" -- "$current")); return ;;`).join('\n')}
  esac
  if [[ "$current" == -* ]]; then
    case "\${COMP_WORDS[1]}" in
${commands.map((command) => `      ${command.name}) COMPREPLY=($(compgen -W "${listFlagNames(command).join(' ')}" -- "$current")) ;;`).join('\n')}
    esac
    return
  fi
  COMPREPLY=($(compgen -f -- "$current"))
}
complete -o filenames -F _optimize_export optimize-export
`
}

function createFishScript(program: ProgramSpec): string {
  const lines = program.commands.flatMap((command) => {
    const condition = `-n '__fish_seen_subcommand_from ${command.name}'`
    return [
      `complete -c optimize-export -n __fish_use_subcommand -f -a ${command.name} -d ${quote(command.description)}`,
      ...(command.commonFlags ? [`complete -c optimize-export ${condition} -l help-all -d 'show all flags'`] : []),
      ...listFlags(command).flatMap((flag) => {
        const { placeholder, words } = flag
        const value = placeholder === undefined ? '' : words ? ` -x -a ${quote(words.join(' '))}` : ' -r'
        return listVariants(flag).map(
          ({ name, description, isOff }) =>
            `complete -c optimize-export ${condition} -l ${name.slice(2)}${isOff ? '' : value} -d ${quote(description)}`,
        )
      }),
    ]
  })
  return `${lines.join('\n')}
complete -c optimize-export -l help -d 'show the flags'
complete -c optimize-export -n __fish_use_subcommand -l version -d 'show the version'
complete -c optimize-export -n __fish_use_subcommand -f -a help -d 'show a topic'
complete -c optimize-export -n '__fish_seen_subcommand_from help' -f -a '${listHelpWords(program).join(' ')}'
`
}

const quote = (text: string) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`

const listFlags = ({ groups }: CommandSpec): readonly Flag[] => groups.flatMap(({ flags }) => flags)

const listFlagNames = (command: CommandSpec): readonly string[] => [
  ...listFlags(command).flatMap((flag) => listVariants(flag).map(({ name }) => name)),
  '--help',
  ...(command.commonFlags ? ['--help-all'] : []),
]

/** Returns the words that may follow `help`, without error codes. */
const listHelpWords = (program: ProgramSpec): readonly string[] => [
  ...program.commands.map(({ name }) => name),
  ...listTopics(program),
]

/** Returns the flags of one setting: `--timezone` and `--no-timezone`. */
const listVariants = (flag: Flag) => {
  const { kind, name, description, off } = flag
  return [
    ...(kind === offSwitchKind ? [] : [{ name: formatFlag(flag), description, isOff: false }]),
    ...(off ? [{ name: `--no-${toKebabCase(name)}`, description: off.description, isOff: true }] : []),
  ]
}
