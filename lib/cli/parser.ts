// Parses the arguments into settings without checking values. The sole importer of commander.
import { Command, CommanderError, Option, Help } from 'commander'
import { findNearest } from '../shared/find-nearest.js'
import { toKebabCase, offSwitchKind, trimmedKind, type Flag, type FlagGroup } from './flags/flags.js'
import { joinWithOr, wrapText } from './output/format-text.js'

type ArgumentSpec = Required<Pick<Flag, 'name' | 'placeholder' | 'kind' | 'description'>>

export interface CommandSpec {
  readonly name: string
  readonly description: string
  /** The argument that needs no flag. It is a setting with this name. */
  readonly argument?: ArgumentSpec
  readonly groups: readonly FlagGroup[]
  /** The names of the flags that `--help` shows; `--help-all` shows all. Absent: `--help` shows all. */
  readonly commonFlags?: readonly string[]
  readonly helpText: string
}

export interface CommandCall {
  readonly command: string
  /** The settings in the arguments, by their names. */
  readonly given: Readonly<Record<string, unknown>>
}

export interface ParserOutput {
  readonly out: (text: string) => void
  readonly err: (text: string) => void
}

export type Topics = Readonly<Record<string, () => string>>

export interface ProgramSpec {
  readonly name: string
  readonly version: string
  readonly description: string
  readonly commands: readonly CommandSpec[]
  readonly helpText: string
  /** The text of `help <topic>` by topic, besides the topics of groups of flags. */
  readonly topics: Topics
  /** Words that are not topics, with the topic that `help` prints for them. */
  readonly topicAliases?: ReadonlyMap<string, string>
  /** Returns the text of `help` for a word that is not a topic, such as an error code; undefined if there is none. */
  readonly findHelpText: (word: string) => string | undefined
}

/** Returns the parsed arguments. After an error message, a help text or the version it returns the exit code instead. */
export function parseArguments(argv: readonly string[], spec: ProgramSpec, output: ParserOutput): CommandCall | number {
  let parsed: CommandCall | undefined
  const topics = createTopics(spec)
  const program = new Command(spec.name)
    .description(spec.description)
    .version(spec.version)
    .helpCommand(false)
    .addHelpText('after', () => `${spec.helpText}\n${formatTopics([...topics.keys()])}`)
  program.exitOverride().configureOutput({
    writeOut: output.out,
    writeErr: output.err,
    outputError: (text, write) => write(hideValues(text)),
    getOutHelpWidth: () => HELP_WIDTH_COLUMNS,
    getErrHelpWidth: () => HELP_WIDTH_COLUMNS,
  })
  for (const command of spec.commands)
    addCommand(program, command, [...topics.keys()], (given) => (parsed = { command: command.name, given }))
  addHelpCommand(program, spec, topics, output)
  try {
    program.parse(argv, { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    return error.exitCode === 0 ? 0 : 2
  }
  return parsed ?? 0
}

/** Returns `did you mean NAME` if a known name is similar to an unknown one, else `expected …`. */
export function suggestName(name: string, known: readonly string[], expected = `one of ${known.join(', ')}`): string {
  const nearest = findNearest(name, known)
  return nearest === undefined ? `expected ${expected}` : `did you mean ${nearest}`
}

const HELP_WIDTH_COLUMNS = 110

/** Removes values from an error message, because an unknown flag such as `--tokn=secret` may contain a secret. */
const hideValues = (text: string) => text.replace(/(unknown option '[^=]*)=.*'/s, "$1=…'")

function addCommand(
  program: Command,
  spec: CommandSpec,
  topics: readonly string[],
  onCommand: (given: Record<string, unknown>) => void,
): void {
  const { name, commonFlags } = spec
  const command = program
    .command(name)
    .description(spec.description)
    .addHelpText('after', spec.helpText)
    .showHelpAfterError(`(optimize-export ${name} --help${commonFlags ? '-all' : ''} shows all flags)`)
  if (commonFlags) addShortHelp(command, commonFlags, topics)
  const options = spec.groups.flatMap(({ title, flags }) =>
    flags.map((flag) => {
      const all = createOptions(flag)
      for (const option of all) command.addOption(option.helpGroup(title))
      return { flag, name: all[0]!.attributeName() }
    }),
  )
  const { argument } = spec
  if (argument) addArgument(command, argument)
  command.action((value: unknown) => {
    const given = options.filter(({ name }) => command.getOptionValueSource(name) === 'cli')
    onCommand({
      ...Object.fromEntries(given.map(({ flag, name }) => [flag.name, parseValue(flag, command.getOptionValue(name))])),
      ...(argument && value !== undefined ? { [argument.name]: value } : {}),
    })
  })
}

/** Adds an argument whose text is parsed as that of a flag. */
const addArgument = (command: Command, { placeholder, description, kind }: ArgumentSpec) =>
  command.argument(placeholder, description, (text: string) => kind.parse([text]))

/** Makes `--help` show the common flags only, and adds `--help-all`. */
function addShortHelp(command: Command, commonFlags: readonly string[], topics: readonly string[]): void {
  // false until the help is printed, because the suggestions for a misspelt flag come from the visible options too
  let isShort = false
  let isLong = false
  const name = command.name()
  const common = new Set(commonFlags.flatMap((flag) => [toKebabCase(flag), `no-${toKebabCase(flag)}`]))
  command
    .configureHelp({
      visibleOptions(shown) {
        const all = Help.prototype.visibleOptions.call(this, shown)
        return isShort ? all.filter(({ long }) => common.has(long!.slice(2))) : all
      },
    })
    .helpOption('-h, --help', 'show the common flags')
    .addOption(new Option('--help-all', 'show all flags').helpGroup('Options:'))
    .on('option:help-all', () => {
      isLong = true
      command.help()
    })
    .addHelpText('before', () => {
      isShort = !isLong
      return ''
    })
    .addHelpText('after', () =>
      isShort
        ? `\nMore: optimize-export ${name} --help-all, and optimize-export help <topic>:\n${wrapText(topics.join(', '))}`
        : '',
    )
}

const formatTopics = (topics: readonly string[]) => `\nTopics:\n${wrapText(topics.join(', '))}`

/** Returns the names of all topics. Those of groups of flags come first. */
export const listTopics = ({ commands, topics }: Pick<ProgramSpec, 'commands' | 'topics'>): readonly string[] => [
  ...new Set([...commands.flatMap(({ groups }) => groups.flatMap(({ topic }) => topic ?? [])), ...Object.keys(topics)]),
]

/** Returns the texts of all topics. */
function createTopics(program: ProgramSpec): ReadonlyMap<string, () => string> {
  const { commands, topics } = program
  const groups = new Set(commands.flatMap(({ groups }) => groups))
  const formatGroups = (name: string) =>
    [...groups]
      .filter(({ topic, alsoInTopic }) => topic === name || alsoInTopic === name)
      .map((group) => {
        const commandNames = commands.filter(({ groups }) => groups.includes(group)).map(({ name }) => name)
        return `${formatGroup(group)}\n\nFlags of: ${commandNames.join(', ')}\n`
      })
  return new Map(
    listTopics(program).map((name) => [name, () => [...formatGroups(name), topics[name]?.() ?? []].flat().join('\n')]),
  )
}

function formatGroup({ title, flags }: FlagGroup): string {
  const options = flags.flatMap(createOptions)
  const help = new Command().configureHelp({ helpWidth: HELP_WIDTH_COLUMNS }).createHelp()
  help.prepareContext({ helpWidth: HELP_WIDTH_COLUMNS })
  const width = Math.max(...options.map(({ flags }) => flags.length))
  return [title, ...options.map((option) => help.formatItem(option.flags, width, option.description, help))].join('\n')
}

function addHelpCommand(
  program: Command,
  spec: ProgramSpec,
  topics: ReadonlyMap<string, () => string>,
  output: ParserOutput,
): void {
  const help = program.command('help').helpOption(false)
  addArgument(help, { name: 'topic', placeholder: '[topic]', kind: trimmedKind, description: '' })
  help.description('The help of a command, of a topic, or of an error code such as ERR_AUTH.')
  help.action((topic: string | undefined) => {
    const command = program.commands.find((candidate) => candidate.name() === topic)
    if (topic === undefined || topic === 'help') program.help()
    if (command) command.help()
    const text = topics.get(spec.topicAliases?.get(topic) ?? topic)?.() ?? spec.findHelpText(topic)
    if (text === undefined) {
      const known = [...topics.keys(), ...program.commands.map((candidate) => candidate.name())]
      return program.error(`error: unknown topic '${topic}': ${suggestName(topic, known, joinWithOr(known))}`)
    }
    output.out(text)
  })
}

function createOptions({ name, alias, placeholder, kind, off, description }: Flag): Option[] {
  const flags = [...(alias === undefined ? [] : [`--${alias}`]), `--${toKebabCase(name)}`].join(', ')
  return [
    ...(kind === offSwitchKind
      ? []
      : [new Option(placeholder === undefined ? flags : `${flags} ${placeholder}`, description)]),
    ...(off ? [new Option(`--no-${toKebabCase(name)}`, off.description)] : []),
  ]
}

function parseValue({ kind, off }: Flag, value: unknown): unknown {
  if (value === false) return off!.value
  return kind.parse(Array.isArray(value) ? (value as string[]) : [String(value)])
}
