// Turns the entries of a job, the defaults and the keys of the server into settings of the command `export` or `load`.
import { isFolder } from '../../export/output-folders.js'
import { Settings, type SettingsLevel } from '../../settings.js'
import { flagKeys, ownKeys, readOwnKeys, type JobKind, type OwnValues } from './job-keys.js'
import type { KeyEntries, FileJob, JobsFile } from './jobs-file.js'
import type { Place } from './problems.js'
import { isNull, type ValueReader } from './value-reader.js'
import type { YamlEntry, YamlNode } from './yaml-tree.js'

export interface JobSettings {
  readonly name: string
  readonly place: Place
  readonly kind: JobKind
  readonly settings: Settings
  readonly ownValues: OwnValues
  /** Returns the place of a key; the place of the job if no part of the file has it. */
  getPlace(key: string): Place
  hasKey(key: string): boolean
  /** True if the defaults have this key and the job has not. */
  isDefault(key: string): boolean
  /** Returns the settings as if neither the job nor the defaults had these keys. */
  without(keys: readonly string[]): Settings
  /** True if one of its values is wrong. */
  readonly hasProblems: boolean
}

type Values = Readonly<Record<string, unknown>>

interface JobForm {
  readonly kind: JobKind
  /** True for the reports of a collection, which are files in a folder. */
  readonly isCollection: boolean
}

const jobFlags = [{ title: '', flags: [...flagKeys.values()].flatMap((flags) => Object.values(flags)) }]

/** Creates the settings of jobs. Problems are added to the problems of the ValueReader. */
export class JobSettingsFactory {
  readonly #file: JobsFile
  readonly #reader: ValueReader
  readonly #environment: SettingsLevel

  constructor(file: JobsFile, reader: ValueReader, environment: SettingsLevel) {
    this.#file = file
    this.#reader = reader
    this.#environment = environment
  }

  /** Returns undefined if the job has no target, or both `out` and `table`. */
  create(job: FileJob): JobSettings | undefined {
    const { name, place, entries } = job
    const { defaults, serverEntries } = this.#file
    const problemsBefore = this.#reader.problems.length
    const levels = [entries, defaults, serverEntries]
    const findEntry = (key: string) => {
      const entry = levels.find((level) => level.has(key))?.get(key)
      // null removes a default
      return entry && isNull(entry.value) ? undefined : entry
    }
    const kind = this.#findKind(job, findEntry)
    if ((findEntry('report') === undefined) === (findEntry('collection') === undefined))
      this.#reader.addProblem(place, 'expected one of report and collection')
    const ownValues = readOwnKeys(findEntry, this.#reader)
    if (kind === undefined) return undefined
    this.#checkKeys(entries, kind)
    const isCollection = findEntry('collection') !== undefined
    const without = (leftOut: readonly string[]) => this.#createSettings(levels, { kind, isCollection }, leftOut)
    const settings = without([])
    return {
      ...{ name, place, kind, settings, ownValues, without },
      hasProblems: this.#reader.problems.length > problemsBefore,
      getPlace: (key) => findEntry(key)?.place ?? place,
      hasKey: (key) => findEntry(key) !== undefined,
      isDefault: (key) => !entries.has(key) && defaults.has(key),
    }
  }

  /** Returns the kind by the target of the job, else by that of the defaults. */
  #findKind({ entries, place }: FileJob, findEntry: (key: string) => YamlEntry | undefined): JobKind | undefined {
    const [table, out] = ['table', 'out'].map((key) => (entries.has(key) ? findEntry(key) : undefined))
    if (table && out) {
      this.#reader.addProblem(out.place, 'out: expected out or table, got both; a job writes files or a table')
      return undefined
    }
    if (table) return 'load'
    if (out) return 'export'
    if (findEntry('table')) return 'load'
    const events = findEntry('events')?.value
    const isEventFile = events?.kind === 'scalar' && typeof events.value === 'string' && !findEntry('into')
    if (findEntry('out') ?? isEventFile) return 'export'
    const needed = findEntry('into') ? 'a table, because of into' : 'out for files, or table for a database'
    this.#reader.addProblem(place, `the job has no target: expected ${needed}`)
    return undefined
  }

  /** Adds a problem for each key of the job that is for the other kind. A default for the other kind belongs to other jobs. */
  #checkKeys(entries: KeyEntries, kind: JobKind): void {
    for (const { key, place, value } of entries.values()) {
      if (isNull(value)) continue
      const flags = flagKeys.get(key)
      const problem =
        flags && !flags[kind]
          ? `is for a job with ${kind === 'export' ? 'table' : 'out'}`
          : kind === 'load' && ownKeys.get(key)?.problemInLoadJob
      if (problem) this.#reader.addProblem(place, `${key}: ${problem}`)
    }
  }

  #createSettings(levels: readonly KeyEntries[], job: JobForm, leftOut: readonly string[]): Settings {
    const hidden = new Set(leftOut)
    const values = levels.map((entries) => this.#readFlags(entries, job.kind, hidden))
    const events = resolveEvents(Object.assign({}, ...values) as Values, job)
    const jobLevels = values.map((found): SettingsLevel => ({ from: 'jobs', values: { ...found, events } }))
    return new Settings([...jobLevels, this.#environment], jobFlags)
  }

  /** Reads the flags of a level. Each key then hides the same key of the lower levels, also if its value is null. */
  #readFlags(entries: KeyEntries, kind: JobKind, hidden: Set<string>): Values {
    const values: Record<string, unknown> = {}
    for (const { key, value } of entries.values()) {
      const flag = flagKeys.get(key)?.[kind]
      if (!flag || hidden.has(key)) continue
      hidden.add(key)
      values[flag.name] = key === 'events' && isBoolean(value) ? value.value : this.#reader.readFlag(key, flag, value)
    }
    return values
  }
}

const isBoolean = (node: YamlNode): node is YamlNode & { readonly kind: 'scalar'; readonly value: boolean } =>
  node.kind === 'scalar' && typeof node.value === 'boolean'

/** Returns the setting `events`. `true` stands for a file or a table beside the one of the records, or for the same folder. */
function resolveEvents({ events, table, out }: Values, { kind, isCollection }: JobForm): unknown {
  if (events !== true) return events === false ? undefined : events
  const target = kind === 'load' ? table : out
  if (typeof target !== 'string') return undefined
  // the end of a quoted name is inside the quotes
  if (kind === 'load') return target.trim().replace(/"?$/, '_events$&')
  return isCollection || isFolder(target) ? target : target.replace(/(\.[^./\\]+(?:\.gz)?)?$/, '.events$1')
}
