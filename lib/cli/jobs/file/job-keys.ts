// The keys of a jobs file: the flags of `export` and `load`, except a few, and keys that are not flags.
import { toKebabCase, trimmedKind, trimmedListKind, type Flag } from '../../flags/flags.js'
import { joinWithOr } from '../../output/format-text.js'
import type { CommandSpec } from '../../parser.js'
import { secretNames } from '../../settings.js'
import { serverFlags } from '../../flags/source-flags.js'
import { FRESH_FOR_FORM, parseFreshFor } from './fresh-for.js'
import type { ValueReader } from './value-reader.js'
import type { YamlEntry, YamlNode } from './yaml-tree.js'

/** A job writes files, as the command `export` does, or a table, as `load` does. */
export type JobKind = 'export' | 'load'

export interface FlagKey {
  /** The name of the setting in kebab case: `header` for the flag `--no-header`. */
  readonly key: string
  readonly setting: string
  readonly flags: Readonly<Partial<Record<JobKind, Flag>>>
  /** True if the key says how to reach Optimize, so that it may be at the top of the file. */
  readonly isServerKey: boolean
}

/** Flags that are not keys: flags of the command line itself, and `concurrency`, because the key `concurrency` means something else. */
const flagsThatAreNoKeys = ['config', 'insecureTokenArgument', 'quiet', 'json', 'progressInterval', 'concurrency']

/** A key that is not a flag, or means something other than the flag of the same name. */
export interface OtherKey {
  /** Its meaning and its values, as a part of the JSON schema of jobs files. */
  readonly schema: Schema
  /** The problem to report if a job that loads a table has this key of its own. If the key comes from `defaults`, it is ignored. */
  readonly problemOfTables?: string
  /** Reads the value. Adds a problem, and returns undefined or leaves the wrong part out, if the value is wrong. */
  readonly read: (key: string, node: YamlNode, reader: ValueReader) => unknown
}

export type Schema = Readonly<Record<string, unknown>>

/** The values of keys, as their `read` returned them; undefined for a missing key. */
export type OtherKeyValues<K extends Readonly<Record<string, OtherKey>>> = {
  readonly [N in keyof K]?: ReturnType<K[N]['read']> | undefined
}

/** A text with a variable, which may replace a number, true or false. */
export const variableSchema: Schema = { type: 'string', pattern: '\\$\\{' }
export const textSchema: Schema = { type: ['string', 'number'] }

const describeText = (description: string): Schema => ({ ...textSchema, description })

/** The schemas of the keys of jobs that the defaults cannot have. */
export const jobOnlyKeys: Schema = {
  name: describeText('the name of the job in messages, in the state and in metrics'),
  report: describeText('the id of the report, or its address in the browser'),
  collection: describeText('a collection: one job per report; out is a folder, or table contains {report}'),
}

export const failConditions = ['lost-columns', 'fewer-rows'] as const
export type FailCondition = (typeof failConditions)[number]

/** The other keys of jobs and `defaults`. */
export const otherJobKeys = {
  'fresh-for': {
    schema: {
      type: 'string',
      description:
        'skip the job if its last success is younger than this time, such as 6h, and its settings and target are unchanged',
      examples: ['6h'],
    },
    read: (key, node, reader) => reader.readParsed(key, node, parseFreshFor, FRESH_FOR_FORM),
  },
  concurrency: {
    schema: {
      anyOf: [{ type: 'integer', minimum: 1 }, variableSchema],
      description:
        'how many jobs may read from the server of this job at a time; default --jobs (the flag of export has another meaning)',
    },
    read: (key, node, reader) => reader.readParsed(key, node, parseCount, 'an integer of at least 1'),
  },
  'fail-on': {
    schema: {
      anyOf: [{ type: 'array', items: { enum: failConditions } }, textSchema],
      description:
        'for files: changes that fail the job, so that the file of the last run stays: lost-columns, fewer-rows',
    },
    problemOfTables: 'is for files; a table has schema-changes and max-lost-share',
    read: readFailConditions,
  },
} satisfies Readonly<Record<string, OtherKey>>

function parseCount(text: string): number | undefined {
  const count = Number(text)
  return Number.isSafeInteger(count) && count >= 1 ? count : undefined
}

function readFailConditions(key: string, node: YamlNode, reader: ValueReader): readonly FailCondition[] {
  const texts = trimmedListKind.parse(reader.readTexts(key, node)) as readonly string[]
  return texts.flatMap((text) => {
    const condition = failConditions.find((known) => known === text)
    if (condition) return [condition]
    reader.addProblem(node.place, `${key}: expected ${joinWithOr(failConditions)}, got ${JSON.stringify(text)}`)
    return []
  })
}

const createTextKey = (description: string) => ({
  schema: describeText(description),
  read: (key: string, node: YamlNode, reader: ValueReader) => reader.readText(key, node),
})

/** The keys at the top of the file, besides the keys of the server and the ones that `jobs-file.ts` and `jobs-schema.ts` name. */
export const otherTopKeys = {
  'on-success': createTextKey('a command that gets the summary on stdin if the run is complete'),
  'on-failure': createTextKey('a command that gets the summary on stdin if the run is not complete'),
}

export function readKeys<K extends Readonly<Record<string, OtherKey>>>(
  keys: K,
  findEntry: (key: string) => YamlEntry | undefined,
  reader: ValueReader,
): OtherKeyValues<K> {
  const values = Object.entries(keys).map(([key, { read }]) => {
    const entry = findEntry(key)
    return [key, entry && read(key, entry.value, reader)]
  })
  return Object.fromEntries(values) as OtherKeyValues<K>
}

/** The settings that say how to reach Optimize. */
export const serverSettingNames: readonly string[] = [...serverFlags.flags.map(({ name }) => name), ...secretNames]

/** Returns the keys that are flags of `export` and `load`, and the keys of secrets, also without a flag. */
export function listFlagKeys(commands: readonly CommandSpec[]): readonly FlagKey[] {
  const keys = new Map<string, { setting: string; flags: Partial<Record<JobKind, Flag>> }>()
  for (const { name, groups } of commands) {
    if (name !== 'export' && name !== 'load') continue
    for (const flag of groups.flatMap(({ flags }) => flags)) {
      const key = toKebabCase(flag.name)
      if (flagsThatAreNoKeys.includes(flag.name) || Object.hasOwn(jobOnlyKeys, key)) continue
      const entry = keys.get(key) ?? { setting: flag.name, flags: {} }
      keys.set(key, { ...entry, flags: { ...entry.flags, [name]: flag } })
    }
  }
  for (const name of secretNames) {
    const flag = keys.get(toKebabCase(name))?.flags.export ?? createSecretFlag(name)
    keys.set(toKebabCase(name), { setting: name, flags: { export: flag, load: flag } })
  }
  return [...keys].map(([key, entry]) => ({ key, ...entry, isServerKey: serverSettingNames.includes(entry.setting) }))
}

const createSecretFlag = (name: string): Flag => ({
  name,
  placeholder: '<text>',
  kind: trimmedKind,
  description: 'a secret; write ${VARIABLE}',
})

/** Returns the description of a key: one for files and one for tables, if they differ. */
export function describeKey({ flags }: FlagKey): string {
  const { export: exportFlag, load: loadFlag } = flags
  const describe = (flag: Flag) => flag.description || `false: ${flag.off!.description}`
  if (!exportFlag || !loadFlag || describe(exportFlag) === describe(loadFlag))
    return describe((exportFlag ?? loadFlag)!)
  return `files: ${describe(exportFlag)}; tables: ${describe(loadFlag)}`
}
