// The settings of a command: from its flags, else from the environment, else from the configuration file. The settings of a job: from the
// jobs file, else from the environment.
import { formatFlag, toKebabCase, trimmedListKind, type Flag, type FlagGroup, type FlagKind } from './flags/flags.js'
import { joinWithOr } from './output/format-text.js'
import { suggestName } from './parser.js'
import { readTextFile } from './files/text-file.js'
import { UsageError, type UsageErrorFacts } from './errors/usage-error.js'

type Values = Readonly<Record<string, unknown>>

/** The settings from one place, such as the flags. A higher level overrides a lower one. */
export interface SettingsLevel {
  /** `file`: the file of `--config`; `jobs`: a jobs file; `command`: values that a command sets itself. */
  readonly from: 'flags' | 'environment' | 'file' | 'jobs' | 'command'
  readonly values: Values
}

const environmentVariables: Readonly<Record<string, string>> = {
  OPTIMIZE_URL: 'url',
  OPTIMIZE_TOKEN: 'token',
  OPTIMIZE_TOKEN_FILE: 'tokenFile',
  OPTIMIZE_CLIENT_ID: 'clientId',
  OPTIMIZE_CLIENT_SECRET: 'clientSecret',
  OPTIMIZE_TOKEN_URL: 'tokenUrl',
  OPTIMIZE_AUDIENCE: 'audience',
  OPTIMIZE_SCOPE: 'scope',
  OPTIMIZE_TOKEN_FORMAT: 'tokenFormat',
  OPTIMIZE_TOKEN_AUTH: 'tokenAuth',
  OPTIMIZE_INTO: 'into',
}

/** The names of secrets. A configuration file or a jobs file may contain them, also for a command that has no flag for them. */
export const secretNames = ['token', 'clientSecret']

export class Settings {
  /** From the highest to the lowest. */
  readonly levels: readonly SettingsLevel[]
  readonly #groups: readonly FlagGroup[]

  constructor(levels: readonly SettingsLevel[], groups: readonly FlagGroup[]) {
    this.levels = levels
    this.#groups = groups
  }

  /** Returns settings with these values above all others, as a level of the jobs file. */
  withJobValuesOnTop(values: Values): Settings {
    return new Settings([{ from: 'jobs', values }, ...this.levels], this.#groups)
  }

  get(name: string): unknown {
    return this.#findLevel(name)?.values[name]
  }

  text(name: string): string | undefined {
    const value = this.get(name)
    if (value === undefined || typeof value === 'string') return value
    throw this.createError(name, 'expected text')
  }

  /** Throws a UsageError if the setting has a value that is not one of the words of its flag. */
  checkWord(name: string): void {
    const value = this.get(name)
    const words = this.findFlag(name)?.words ?? []
    if (value !== undefined && !words.includes(value as string))
      throw this.createError(name, `expected ${joinWithOr(words)}, got ${JSON.stringify(value)}`)
  }

  positiveInteger(name: string, defaultValue: number): number {
    const value = this.get(name) ?? defaultValue
    if (Number.isSafeInteger(value) && (value as number) >= 1) return value as number
    throw this.createError(name, 'expected an integer of at least 1')
  }

  createError(name: string, problem: string, reason?: UsageErrorFacts['reason']): UsageError {
    return new UsageError(`${this.describeSetting(name)}: ${problem}`, { setting: name, ...(reason && { reason }) })
  }

  /** Returns the settings of these groups as options of the library. */
  options(...groups: readonly FlagGroup[]): Record<string, unknown> {
    const options: Record<string, unknown> = {}
    for (const { name } of groups.flatMap(({ flags }) => flags)) {
      const value = this.get(name)
      if (value !== undefined) setDotted(options, name, value)
    }
    return options
  }

  /** Returns the name of a setting where it is set: its variable, or its key in a file; otherwise its flag, in a job its key. */
  describeSetting(option: string): string {
    const flag = this.findFlag(option)
    if (!flag) return findVariable(option) ?? option
    const level = this.#findLevel(flag.name) ?? this.levels[0]
    const suffix = isNamed(flag, option) ? '' : ` ${option.slice(flag.name.length + 1)}`
    if (level?.from === 'file') return `${flag.name}${suffix} in the configuration file`
    if (level?.from === 'jobs') return `${toKebabCase(flag.name)}${suffix}`
    return `${level?.from === 'environment' ? findVariable(flag.name)! : formatFlag(flag)}${suffix}`
  }

  findFlag(option: string): Flag | undefined {
    const candidates = this.#groups
      .flatMap(({ flags }) => flags)
      .filter((known) => isNamed(known, option) || (known.kind.form !== 'text' && option.startsWith(`${known.name}.`)))
      .sort((a, b) => b.name.length - a.name.length)
    return candidates.find((flag) => this.#findLevel(flag.name)) ?? candidates[0]
  }

  #findLevel(name: string): SettingsLevel | undefined {
    return this.levels.find(({ values }) => values[name] !== undefined)
  }
}

const findVariable = (setting: string) =>
  Object.keys(environmentVariables).find((name) => environmentVariables[name] === setting)

/** Returns true if an option is this flag, by its name, its alias in camel case, or its name without dots (`retryMinDelay`). */
const isNamed = ({ name, alias = name }: Flag, option: string) =>
  [name, toCamelCase(alias), toCamelCase(toKebabCase(name))].includes(option)

function setDotted(options: Record<string, unknown>, name: string, value: unknown): void {
  const [outer, inner] = name.split('.') as [string, string | undefined]
  options[outer] = inner === undefined ? value : { ...(options[outer] as object | undefined), [inner]: value }
}

export async function readSettings(
  given: Values,
  env: NodeJS.ProcessEnv,
  groups: readonly FlagGroup[],
): Promise<Settings> {
  const flags: SettingsLevel = { from: 'flags', values: given }
  const environment: SettingsLevel = { from: 'environment', values: readEnvironment(env) }
  const path = given['config']
  const file: SettingsLevel = { from: 'file', values: typeof path === 'string' ? await readConfig(path, groups) : {} }
  return new Settings([flags, environment, file], groups)
}

/** Reads the environment. A blank variable counts as not set. Values are trimmed, because a file with CRLF adds a carriage return. */
function readEnvironment(env: NodeJS.ProcessEnv): Values {
  const values = Object.entries(environmentVariables).map(([variable, name]) => [name, env[variable]?.trim()] as const)
  return Object.fromEntries(values.filter(([, value]) => value !== undefined && value !== ''))
}

const flagsNotInFile = ['config', 'insecureTokenArgument']

async function readConfig(path: string, groups: readonly FlagGroup[]): Promise<Values> {
  const flags = groups.flatMap((group) => group.flags).filter(({ name }) => !flagsNotInFile.includes(name))
  const entries = Object.entries(await readJson(path)).map(([name, value]: [string, unknown]) => {
    const flag = flags.find((known) => isNamed(known, name))
    if (!flag && !secretNames.includes(name)) throw createUnknownSettingError(path, name, flags)
    if (flag && flag.placeholder === undefined && typeof value !== 'boolean')
      throw new UsageError(
        `${flag.name} in the configuration file: expected true or false without quotes, got ${JSON.stringify(value)}`,
      )
    return [flag?.name ?? name, flag?.placeholder ? parseValue(value, flag.kind) : value] as const
  })
  return Object.fromEntries(entries)
}

/**
 * Parses a value of the configuration file. Text and arrays of ids are parsed like flags. Arrays of column names are used unchanged,
 * because there a blank or a comma is a part of a name.
 */
function parseValue(value: unknown, kind: FlagKind): unknown {
  if (typeof value === 'string') return kind.parse([value])
  const isIds = kind === trimmedListKind && Array.isArray(value) && value.every((item) => typeof item === 'string')
  return isIds ? kind.parse(value) : value
}

function createUnknownSettingError(path: string, name: string, flags: readonly Flag[]): UsageError {
  const names = [...new Set([...flags.map((known) => known.name), ...secretNames])]
  return new UsageError(`--config ${path}: unknown setting ${JSON.stringify(name)}, ${suggestName(name, names)}`)
}

const toCamelCase = (flag: string) => flag.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase())

/** Reads a JSON object. The error leaves out the message of JSON.parse, because that message quotes the file, which may have secrets. */
async function readJson(path: string): Promise<object> {
  const content = await readTextFile('--config', path)
  try {
    const value = JSON.parse(content) as unknown
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value
  } catch {
    // the error is thrown below
  }
  throw new UsageError(`--config ${path}: expected a JSON object`)
}
