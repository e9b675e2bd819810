// The keys of a jobs file: the flags of `export` and `load`, except a few, and keys that are no flags.
import { toKebabCase, trimmedKind, type Flag } from '../../flags/flags.js'
import type { CommandSpec } from '../../parser.js'
import { secretNames } from '../../settings.js'
import { serverFlags } from '../../flags/source-flags.js'

/** A job writes files, as the command `export` does, or a table, as `load` does. */
export type JobKind = 'export' | 'load'

export interface FlagKey {
  /** The flag without the two dashes at its start. */
  readonly key: string
  readonly setting: string
  readonly flags: Readonly<Partial<Record<JobKind, Flag>>>
  /** True if the key says how to reach Optimize, so that it may be at the top of the file. */
  readonly isServerKey: boolean
}

/** Flags that are no keys: flags of the command line itself, and `concurrency`, because the key `concurrency` means something else. */
const flagsThatAreNoKeys = ['config', 'insecureTokenArgument', 'quiet', 'json', 'progressInterval', 'concurrency']

export const jobOnlyKeys: Readonly<Record<string, string>> = {
  name: 'the name of the job in messages, in the state and in metrics',
  report: 'the id of the report, or its address in the browser',
  collection: 'a collection: one job per report; out is a folder, or table contains {report}',
}

/** Keys of jobs and `defaults` that are no flags, or mean something other than the flag of the same name. */
export const keysThatAreNoFlags: Readonly<Record<string, string>> = {
  'fresh-for': 'skip the job if its last success is younger than this time, such as 6h, and its target is unchanged',
  concurrency:
    'how many jobs may read from the server of this job at a time; default --jobs (the flag of export has another meaning)',
  'fail-on': 'for files: changes that fail the job, so that the file of the last run stays: lost-columns, fewer-rows',
}

/** Keys at the top of the file, besides the keys of the server. */
export const topKeys: Readonly<Record<string, string>> = {
  version: 'the version of the format: 1',
  defaults: 'keys that apply to all jobs that can have them',
  jobs: 'the jobs',
  'on-success': 'a command that gets the summary on stdin if the run is complete',
  'on-failure': 'a command that gets the summary on stdin if the run is not complete',
}

export const failConditions = ['lost-columns', 'fewer-rows'] as const
export type FailCondition = (typeof failConditions)[number]

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
  const serverNames = [...serverFlags.flags.map(({ name }) => name), ...secretNames]
  for (const name of secretNames) {
    const flag = keys.get(toKebabCase(name))?.flags.export ?? createSecretFlag(name)
    keys.set(toKebabCase(name), { setting: name, flags: { export: flag, load: flag } })
  }
  return [...keys].map(([key, entry]) => ({ key, ...entry, isServerKey: serverNames.includes(entry.setting) }))
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
