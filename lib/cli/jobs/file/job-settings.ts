// Turns the entries of a job, the defaults and the keys of the server into settings of the command `export` or `load`.
import { Settings, type SettingsLevel } from '../../settings.js'
import { flagKeys, otherKeys, readOtherKeys, type JobKind, type OtherKeyValues } from './job-keys.js'
import type { KeyEntries, FileJob, JobsFile } from './jobs-file.js'
import type { Place } from './problems.js'
import type { ValueReader } from './value-reader.js'
import type { YamlEntry, YamlNode } from './yaml-tree.js'

export interface JobSettings {
  readonly name: string
  readonly place: Place
  readonly kind: JobKind
  readonly settings: Settings
  readonly otherKeyValues: OtherKeyValues
  /** Returns the place of a key; the place of the job if nothing has the key. */
  getPlace(key: string): Place
  hasKey(key: string): boolean
  /** True if the defaults have this key and the job has not. */
  isDefault(key: string): boolean
  without(keys: readonly string[]): Settings
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
    const levels = [job.entries, this.#file.defaults, this.#file.server]
    const findEntry = (key: string) => levels.find((level) => level.has(key))?.get(key)
    const kind = this.#getKind(job, findEntry)
    if ((findEntry('report') === undefined) === (findEntry('collection') === undefined))
      this.#reader.addProblem(job.place, 'expected one of report and collection')
    const otherKeyValues = readOtherKeys(findEntry, this.#reader)
    if (kind === undefined) return undefined
    const read = (leftOut: readonly string[]) => this.#createSettings(levels, kind, leftOut)
    return {
      name: job.name,
      place: job.place,
      kind,
      settings: read([]),
      otherKeyValues,
      getPlace: (key) => findEntry(key)?.place ?? job.place,
      hasKey: (key) => findEntry(key) !== undefined,
      isDefault: (key) => !job.entries.has(key) && this.#file.defaults.has(key),
      without: read,
    }
  }

  #getKind({ entries, place }: FileJob, findEntry: (key: string) => YamlEntry | undefined): JobKind | undefined {
    const [table, out] = [entries.get('table'), entries.get('out')]
    if (table && out) {
      this.#reader.addProblem(out.place, 'out: expected out or table, got both; a job writes files or a table')
      return undefined
    }
    if (table) return this.#checkKeys(entries, 'load')
    if (out) return this.#checkKeys(entries, 'export')
    if (findEntry('table')) return this.#checkKeys(entries, 'load')
    const events = findEntry('events')?.value
    const isEventFile = events?.kind === 'scalar' && typeof events.value === 'string' && !findEntry('into')
    if (findEntry('out') ?? isEventFile) return this.#checkKeys(entries, 'export')
    const needed = findEntry('into') ? 'a table, because of into' : 'out for files, or table for a database'
    this.#reader.addProblem(place, `the job has no target: expected ${needed}`)
    return undefined
  }

  /** Returns the kind. A key of the job for the other kind is a problem; a default for the other kind belongs to other jobs. */
  #checkKeys(entries: KeyEntries, kind: JobKind): JobKind {
    for (const { key, place } of entries.values()) {
      const flags = flagKeys.get(key)
      const problem =
        flags && !flags[kind]
          ? `is for a job with ${kind === 'export' ? 'table' : 'out'}`
          : kind === 'load' && otherKeys.get(key)?.problemOfTables
      if (problem) this.#reader.addProblem(place, `${key}: ${problem}`)
    }
    return kind
  }

  #createSettings(levels: readonly KeyEntries[], kind: JobKind, leftOut: readonly string[]): Settings {
    const hidden = new Set(leftOut)
    const values = levels.map((entries) => {
      const found: Record<string, unknown> = {}
      const levelKeys: string[] = []
      for (const { key, value } of entries.values()) {
        const flag = flagKeys.get(key)?.[kind]
        if (!flag || hidden.has(key)) continue
        levelKeys.push(key)
        found[flag.name] = key === 'events' && isBoolean(value) ? value.value : this.#reader.readFlag(key, flag, value)
      }
      // a key hides the same key of the lower levels, also with the value null
      for (const key of levelKeys) hidden.add(key)
      return found
    })
    const merged = new Settings(
      values.map((found): SettingsLevel => ({ from: 'jobs', values: found })),
      [],
    )
    const events = resolveEvents(merged, kind)
    const jobLevels = values.map((found): SettingsLevel => ({
      from: 'jobs',
      values: omitUndefined({ ...found, events }),
    }))
    return new Settings([...jobLevels, this.#environment], jobFlags)
  }
}

const isBoolean = (node: YamlNode): node is YamlNode & { readonly kind: 'scalar'; readonly value: boolean } =>
  node.kind === 'scalar' && typeof node.value === 'boolean'

const omitUndefined = (values: Readonly<Record<string, unknown>>) =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined))

/** Returns the setting `events`. `true` stands for a file or a table beside the one of the records, or for the same folder. */
function resolveEvents(settings: Settings, kind: JobKind): unknown {
  const events = settings.get('events')
  if (events !== true) return events === false ? undefined : events
  const target = settings.get(kind === 'load' ? 'table' : 'out')
  if (typeof target !== 'string') return undefined
  if (kind === 'load') return `${target}_events`
  return /[/\\]$/.test(target) ? target : target.replace(/(\.[^./\\]+(?:\.gz)?)?$/, '.events$1')
}
