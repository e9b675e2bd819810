// Parses the arguments into settings without checking values. The sole importer of commander.
import { Command, CommanderError, Option } from 'commander'
import { toKebabCase, offSwitchKind, type Flag, type FlagGroup } from './flags.js'

/** A subcommand as data. */
export interface CommandSpec {
  readonly name: string
  /** One line for the list of commands. */
  readonly description: string
  /** The argument without a flag, as a setting. */
  readonly argument?: { readonly name: string; readonly placeholder: string; readonly description: string }
  readonly groups: readonly FlagGroup[]
  /** The text below the flags: examples and hints. */
  readonly helpText: string
}

/** The arguments as a command and its settings. */
export interface Parsed {
  readonly command: string
  /** The settings that have a flag in the arguments, by their names. */
  readonly given: Readonly<Record<string, unknown>>
}

/** Receives the help and the error messages. */
export interface ParserOutput {
  readonly out: (text: string) => void
  readonly err: (text: string) => void
}

export interface ProgramSpec {
  readonly name: string
  readonly version: string
  readonly description: string
  readonly commands: readonly CommandSpec[]
  readonly helpText: string
}

/** Returns the parsed arguments. After an error message or a help text it returns the exit code instead. */
export function parseArguments(argv: readonly string[], spec: ProgramSpec, output: ParserOutput): Parsed | number {
  let parsed: Parsed | undefined
  const program = new Command(spec.name)
    .description(spec.description)
    .version(spec.version)
    .addHelpText('after', spec.helpText)
  program.exitOverride().configureOutput({
    writeOut: output.out,
    writeErr: output.err,
    outputError: (text, write) => write(hideValues(text)),
    getOutHelpWidth: () => HELP_WIDTH_COLUMNS,
    getErrHelpWidth: () => HELP_WIDTH_COLUMNS,
  })
  for (const command of spec.commands)
    addCommand(program, command, (given) => (parsed = { command: command.name, given }))
  try {
    program.parse(argv, { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    return error.exitCode === 0 ? 0 : 2
  }
  return parsed!
}

/** Returns the known name that is most similar to an unknown one, or undefined if none is similar. */
export function findSuggestion(name: string, known: readonly string[]): string | undefined {
  const silentOutput = { writeErr: () => undefined, writeOut: () => undefined }
  const program = new Command().helpCommand(false).exitOverride().configureOutput(silentOutput)
  for (const one of known) program.command(one)
  let errorText = ''
  try {
    program.parse([name], { from: 'user' })
  } catch (error) {
    errorText = (error as CommanderError).message
  }
  return /\(Did you mean (?:one of )?([^,?]+)/.exec(errorText)?.[1]
}

const HELP_WIDTH_COLUMNS = 110

/** Removes values from an error message, because an unknown flag such as `--tokn=secret` may contain a secret. */
const hideValues = (text: string) => text.replace(/(--?[\w-]+)=[^']*/g, '$1=…')

function addCommand(program: Command, spec: CommandSpec, onCommand: (given: Record<string, unknown>) => void): void {
  const command = program
    .command(spec.name)
    .description(spec.description)
    .addHelpText('after', spec.helpText)
    .showHelpAfterError(`(optimize-export ${spec.name} --help shows all flags)`)
  const options = spec.groups.flatMap(({ title, flags }) =>
    flags.map((flag) => {
      const all = createOptions(flag)
      for (const option of all) command.addOption(option.helpGroup(title))
      return { flag, name: all[0]!.attributeName() }
    }),
  )
  const { argument } = spec
  if (argument) command.argument(argument.placeholder, argument.description)
  command.action(() => {
    const given = options.filter(({ name }) => command.getOptionValueSource(name) === 'cli')
    onCommand({
      ...Object.fromEntries(given.map(({ flag, name }) => [flag.name, parseValue(flag, command.getOptionValue(name))])),
      ...(argument && command.args[0] !== undefined ? { [argument.name]: command.args[0] } : {}),
    })
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
