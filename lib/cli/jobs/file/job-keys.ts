// The keys of a jobs file: most flags of `export` and `load`, and keys that only a jobs file has. `jobs-file.ts` has the keys of the
// structure: `version`, `defaults`, `jobs` and `name`.
import { toKebabCase, trimmedKind, trimmedListKind, type Flag } from '../../flags/flags.js'
import { serverFlags } from '../../flags/source-flags.js'
import { joinWithOr } from '../../output/format-text.js'
import { program } from '../../program.js'
import { secretNames } from '../../settings.js'
import { FRESH_FOR_FORM, parseFreshFor } from './fresh-for.js'
import type { ValueReader } from './value-reader.js'
import type { YamlEntry, YamlNode } from './yaml-tree.js'

/** A job writes files, as the command `export` does, or a table, as `load` does. */
export type JobKind = 'export' | 'load'

/** For one key: its flag in `export` and in `load`, if the command has it. */
export type FlagsByKind = Readonly<Partial<Record<JobKind, Flag>>>

export type Schema = Readonly<Record<string, unknown>>

/** A text with a variable, which may replace a number, true or false. */
export const variableSchema: Schema = { type: 'string', pattern: '\\$\\{' }
export const textSchema: Schema = { type: ['string', 'number'] }

/** A key that the jobs file reads itself: it is no flag, or has another meaning than the flag with its name, as `concurrency` has. */
interface OwnKey {
  /** The part of the file that may have the key. */
  readonly part: 'top' | 'job' | 'job or defaults'
  /** The meaning and the values of the key, as a part of the JSON schema of jobs files. */
  readonly schema: Schema
  /** The kinds of jobs whose settings hash contains the value, so that an earlier success with another value does not count. */
  readonly hashedFor?: readonly JobKind[]
  /** The problem to report if the entry of a load job contains this key. The same key in `defaults` is ignored for load jobs. */
  readonly problemInLoadJob?: string
  /** Reads the value. Adds a problem, and returns undefined or leaves the wrong part out, if the value is wrong. */
  readonly read: (key: string, node: YamlNode, reader: ValueReader) => unknown
}

export const createTextSchema = (description: string): Schema => ({ ...textSchema, description })

const createTextKey = (description: string) => ({
  schema: createTextSchema(description),
  read: (key: string, node: YamlNode, reader: ValueReader) => reader.readText(key, node),
})

export const failConditions = ['lost-columns', 'fewer-rows'] as const
export type FailCondition = (typeof failConditions)[number]

const keys = {
  report: {
    part: 'job',
    hashedFor: ['export', 'load'],
    ...createTextKey('the id of the report, or its address in the browser'),
  },
  collection: {
    part: 'job',
    hashedFor: ['export', 'load'],
    ...createTextKey('a collection: one job per report; out is a folder, or table contains {report}'),
  },
  'fresh-for': {
    part: 'job or defaults',
    schema: {
      type: ['string', 'null'],
      description:
        'skip the job if its last success is younger than this time, such as 6h, and its settings and target are unchanged',
      examples: ['6h'],
    },
    read: (key, node, reader) => reader.readParsed(key, node, parseFreshFor, FRESH_FOR_FORM),
  },
  concurrency: {
    part: 'job or defaults',
    schema: {
      anyOf: [{ type: 'integer', minimum: 1 }, variableSchema, { type: 'null' }],
      description:
        'how many jobs may read from the server of this job at a time; default --jobs (the flag of export has another meaning)',
    },
    read: (key, node, reader) => reader.readParsed(key, node, parseCount, 'an integer of at least 1'),
  },
  'fail-on': {
    part: 'job or defaults',
    hashedFor: ['export'],
    schema: {
      anyOf: [{ type: 'array', items: { enum: failConditions } }, textSchema, { type: 'null' }],
      description:
        'for files: changes that fail the job, so that the file of the last run stays: lost-columns, fewer-rows',
    },
    problemInLoadJob: 'is for files; for a table, use schema-changes or max-lost-share',
    read: readFailConditions,
  },
  'on-success': { part: 'top', ...createTextKey('a command that gets the summary on stdin if the run is complete') },
  'on-failure': {
    part: 'top',
    ...createTextKey('a command that gets the summary on stdin if the run is not complete'),
  },
} satisfies Readonly<Record<string, OwnKey>>

/** The values of keys, as their `read` returned them; undefined for a missing key. */
export type OwnValues = { readonly [K in keyof typeof keys]?: ReturnType<(typeof keys)[K]['read']> }

export const ownKeys: ReadonlyMap<string, OwnKey> = new Map(Object.entries(keys))

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

export function readOwnKeys(findEntry: (key: string) => YamlEntry | undefined, reader: ValueReader): OwnValues {
  const values = [...ownKeys].map(([key, { read }]) => {
    const entry = findEntry(key)
    return [key, entry && read(key, entry.value, reader)]
  })
  return Object.fromEntries(values) as OwnValues
}

/** The settings that say how to reach Optimize. */
export const serverSettingNames: readonly string[] = [...serverFlags.flags.map(({ name }) => name), ...secretNames]

/** Flags that are not keys, because they belong to the command line itself. */
const flagsWithoutKey = ['config', 'insecureTokenArgument', 'quiet', 'json', 'progressInterval']

/** The keys that are flags of `export` and `load`, and the keys of secrets, also without a flag. */
export const flagKeys: ReadonlyMap<string, FlagsByKind> = listFlagKeys()

function listFlagKeys(): ReadonlyMap<string, FlagsByKind> {
  const flagsByKey = new Map<string, FlagsByKind>()
  for (const { name, groups } of program.commands) {
    if (name !== 'export' && name !== 'load') continue
    for (const flag of groups.flatMap(({ flags }) => flags)) {
      const key = toKebabCase(flag.name)
      if (flagsWithoutKey.includes(flag.name) || ownKeys.has(key)) continue
      flagsByKey.set(key, { ...flagsByKey.get(key), [name]: flag })
    }
  }
  for (const name of secretNames) {
    const key = toKebabCase(name)
    const flag = flagsByKey.get(key)?.export ?? createSecretFlag(name)
    flagsByKey.set(key, { export: flag, load: flag })
  }
  return flagsByKey
}

function createSecretFlag(name: string): Flag {
  return { name, placeholder: '<text>', kind: trimmedKind, description: 'a secret; write ${VARIABLE}' }
}

const listOwnKeys = (part: OwnKey['part']) => [...ownKeys.keys()].filter((key) => ownKeys.get(key)!.part === part)

/** The keys that say how to reach Optimize. The top of the file may have them too. */
export const serverKeys: readonly string[] = [...flagKeys.keys()].filter((key) =>
  serverSettingNames.map(toKebabCase).includes(key),
)
export const otherTopKeys = listOwnKeys('top')
export const defaultKeys = [...flagKeys.keys(), ...listOwnKeys('job or defaults')]
export const jobKeys = [...listOwnKeys('job'), ...defaultKeys]
