// The settings of a command: from its flags, else from the environment, else from the configuration file.
import { flagText, kebab, words, type Flag, type FlagGroup, type Kind } from './flags.js'
import { suggestionFor } from './parser.js'
import { readText } from './text-file.js'
import { UsageError } from './usage-error.js'

type Values = Readonly<Record<string, unknown>>

/** One place where settings were made. */
export interface Level {
  readonly from: 'flags' | 'environment' | 'file'
  readonly values: Values
}

/** Environment variables and the settings they make. */
const variables: Readonly<Record<string, string>> = {
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
}

/** Settings that a flag must not make, and a file may. */
const secrets = ['token', 'clientSecret']

/** Settings by name; the first level that has one decides. */
export class Settings {
  /** From the highest to the lowest. */
  readonly levels: readonly Level[]
  readonly #flags: readonly Flag[]

  constructor(levels: readonly Level[], groups: readonly FlagGroup[]) {
    this.levels = levels
    this.#flags = groups.flatMap(({ flags }) => flags)
  }

  get(name: string): unknown {
    return this.levels.find(({ values }) => values[name] !== undefined)?.values[name]
  }

  /** A setting that is text, or refused. */
  text(name: string): string | undefined {
    const value = this.get(name)
    if (value === undefined || typeof value === 'string') return value
    throw new UsageError(`${this.nameOf(name)}: expected text`)
  }

  /** The settings of these groups as options of the library. */
  options(...groups: readonly FlagGroup[]): Record<string, unknown> {
    const options: Record<string, unknown> = {}
    for (const { name } of groups.flatMap(({ flags }) => flags)) {
      const value = this.get(name)
      if (value !== undefined) setDotted(options, name, value)
    }
    return options
  }

  /** The name of a setting as the user wrote it: its flag, its variable, or its place in the file. */
  nameOf(option: string): string {
    const levelOf = ({ name }: Flag) => this.levels.find(({ values }) => values[name] !== undefined)
    const likely = this.#flags
      .filter((known) => isCalled(known, option) || option.startsWith(`${known.name}.`))
      .sort((a, b) => b.name.length - a.name.length)
    const flag = likely.find(levelOf) ?? likely[0]
    if (!flag) return variableOf(option) ?? option
    const level = levelOf(flag)
    const within = isCalled(flag, option) ? '' : ` ${option.slice(flag.name.length + 1)}`
    if (level?.from === 'file') return `${flag.name}${within} in the configuration file`
    return `${level?.from === 'environment' ? variableOf(flag.name)! : flagText(flag)}${within}`
  }
}

const variableOf = (setting: string) => Object.keys(variables).find((name) => variables[name] === setting)

/** The library's own name for a setting is its name here, or an alias; a dotted one may also be in one word. */
const isCalled = ({ name, alias = '' }: Flag, option: string) =>
  [name, camel(alias), camel(kebab(name))].includes(option)

function setDotted(options: Record<string, unknown>, name: string, value: unknown): void {
  const [outer, inner] = name.split('.') as [string, string | undefined]
  options[outer] = inner === undefined ? value : { ...(options[outer] as object | undefined), [inner]: value }
}

/** The settings of a command from its flags, the environment and the file that `--config` names. */
export async function settingsFrom(
  given: Values,
  env: NodeJS.ProcessEnv,
  groups: readonly FlagGroup[],
): Promise<Settings> {
  const flags: Level = { from: 'flags', values: given }
  const environment: Level = { from: 'environment', values: fromEnvironment(env) }
  const path = given['config']
  const file: Level = { from: 'file', values: typeof path === 'string' ? await readConfig(path, groups) : {} }
  return new Settings([flags, environment, file], groups)
}

/** A variable that is empty, or blank, is not set; a carriage return at its end comes from a file with CRLF. */
function fromEnvironment(env: NodeJS.ProcessEnv): Values {
  const values = Object.entries(variables).map(([variable, name]) => [name, env[variable]?.trim()] as const)
  return Object.fromEntries(values.filter(([, value]) => value !== undefined && value !== ''))
}

async function readConfig(path: string, groups: readonly FlagGroup[]): Promise<Values> {
  const flags = groups.flatMap((group) => group.flags)
  const entries = Object.entries(await readJson(path)).map(([name, value]: [string, unknown]) => {
    const flag = flags.find((known) => isCalled(known, name))
    if (!flag && !secrets.includes(name)) throw unknownSetting(path, name, flags)
    if (flag && flag.takes === undefined && typeof value !== 'boolean')
      throw new UsageError(
        `${flag.name} in the configuration file: expected true or false without quotes, got ${JSON.stringify(value)}`,
      )
    return [flag?.name ?? name, flag?.takes ? valueIn(value, flag.kind) : value] as const
  })
  return Object.fromEntries(entries)
}

/** Text is read as that of a flag is. So are ids in an array, but not names of columns: there a blank or a comma is part of the name. */
function valueIn(value: unknown, kind: Kind): unknown {
  if (typeof value === 'string') return kind.read([value])
  const isIds = kind === words && Array.isArray(value) && value.every((item) => typeof item === 'string')
  return isIds ? kind.read(value) : value
}

function unknownSetting(path: string, name: string, flags: readonly Flag[]): UsageError {
  const all = [...flags.map((known) => known.name), ...secrets].filter((known) => !unfiled.includes(known))
  const names = [...new Set(all)]
  const near = suggestionFor(name, names)
  const expected = near === undefined ? `expected one of ${names.join(', ')}` : `did you mean ${near}`
  return new UsageError(`--config ${path}: unknown setting ${JSON.stringify(name)}, ${expected}`)
}

const unfiled = ['config', 'insecureTokenArgument']

const camel = (flag: string) => flag.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase())

/** Reads a JSON object. The error does not say what is wrong with the JSON: V8's message quotes it, and it may hold secrets. */
async function readJson(path: string): Promise<object> {
  const content = await readText('--config', path)
  try {
    const value = JSON.parse(content) as unknown
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value
  } catch {
    // said below
  }
  throw new UsageError(`--config ${path}: expected a JSON object`)
}
