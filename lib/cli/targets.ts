// The targets of an export: path, format and compression of each file.
import { createHash } from 'node:crypto'
import { join, resolve } from 'node:path'
import { eventFlags } from './encoder-flags.js'
import type { Screen } from './progress/progress.js'
import type { Settings } from './settings.js'
import { statsAt } from './stats.js'
import { UsageError } from './usage-error.js'

/** The format of a file. */
export type Format = 'csv' | 'parquet' | 'ndjson'

/** One file, or stdout. */
export interface Target {
  /** Undefined is stdout. */
  readonly path: string | undefined
  readonly format: Format
  readonly gzip: boolean
  /** The folder was given, and not the file: programs may read every file of it. */
  readonly inFolder: boolean
}

/** The targets of one report. */
export interface Targets {
  readonly records: Target | undefined
  readonly events: Target | undefined
}

const formats: readonly Format[] = ['csv', 'parquet', 'ndjson']
const extensions: Readonly<Record<string, Format>> = {
  csv: 'csv',
  parquet: 'parquet',
  ndjson: 'ndjson',
  jsonl: 'ndjson',
}

/** The targets of each report; of several, in folders. */
export type TargetsFor = (reportIds: readonly string[]) => readonly Targets[]

/** Reads `--out`, `--events`, `--format` and `--gzip`. */
export function targetsOf(settings: Settings, isSeveral: boolean, stdout: Screen): TargetsFor {
  const out = settings.text('out')
  const events = settings.text('events')
  if (out === undefined && events === undefined)
    throw new UsageError('missing --out: give --out FILE, --out FOLDER, or --out - for stdout')
  if (events === '-') throw new UsageError('--events: expected a file; only --out can be -')
  const ofEvents = eventFlags.flags.find(({ name }) => name !== 'events' && settings.get(name) !== undefined)
  if (events === undefined && ofEvents) throw new UsageError(`${settings.nameOf(ofEvents.name)}: needs --events FILE`)
  if (out === '-' && isSeveral) throw new UsageError('--out: expected a folder for several reports, got -')
  const format = formatIn(settings, 'format')
  const ownFormat = formatIn(settings, 'events.format')
  const gzip = settings.get('gzip') === true
  const ofOne = (reportId: string) => {
    const records = out === undefined ? undefined : targetAt(out, '', { reportId, isSeveral, format, gzip })
    const beside = {
      reportId,
      isSeveral,
      format: ownFormat ?? (isSeveral ? (records?.format ?? format) : undefined),
      gzip: gzip && !/\.parquet$/i.test(events ?? ''),
    }
    const targets = { records, events: events === undefined ? undefined : targetAt(events, '.events', beside) }
    check(targets, stdout)
    return { reportId, targets }
  }
  return (reportIds) => distinct(reportIds.map(ofOne))
}

/**
 * Two files with one name: `Sales` and `sales`, where the file system ignores case, or the events of the report `a` and the
 * records of the report `a.events`. Each of them gets a part of a hash, which stays the same from run to run.
 */
function distinct(all: readonly { readonly reportId: string; readonly targets: Targets }[]): Targets[] {
  const uses = new Map<string, number>()
  const keyOf = ({ path = '' }: Target) => path.normalize('NFC').toLowerCase()
  for (const { targets } of all)
    for (const target of [targets.records, targets.events])
      if (target) uses.set(keyOf(target), (uses.get(keyOf(target)) ?? 0) + 1)
  const named = (target: Target | undefined, role: string) => {
    if (target?.path === undefined || uses.get(keyOf(target)) === 1) return target
    const hash = createHash('sha256').update(role).digest('hex').slice(0, 8)
    return { ...target, path: target.path.replace(/(\.[a-z]+(\.gz)?)$/, `~${hash}$1`) }
  }
  return all.map(({ reportId, targets: { records, events } }) => ({
    records: named(records, `records ${reportId}`),
    events: named(events, `events ${reportId}`),
  }))
}

function formatIn(settings: Settings, name: string): Format | undefined {
  const given = settings.text(name)
  if (given === undefined) return undefined
  const format = formats.find((known) => known === given) ?? extensions[given]
  if (format) return format
  throw new UsageError(`${settings.nameOf(name)}: expected csv, parquet or ndjson, got ${JSON.stringify(given)}`)
}

interface Wish {
  readonly reportId: string
  readonly isSeveral: boolean
  readonly format: Format | undefined
  readonly gzip: boolean
}

function targetAt(place: string, suffix: string, wish: Wish): Target {
  if (place === '-') return { path: undefined, format: wish.format ?? 'csv', gzip: wish.gzip, inFolder: false }
  if (wish.isSeveral || isFolder(place)) {
    const format = wish.format ?? 'csv'
    const name = `${encodeURIComponent(wish.reportId)}${suffix}.${format}${wish.gzip ? '.gz' : ''}`
    return { path: resolve(join(place, name)), format, gzip: wish.gzip, inFolder: true }
  }
  const isCompressed = /\.gz$/i.test(place)
  const extension = /\.([^.]+)$/.exec(isCompressed ? place.slice(0, -3) : place)?.[1] ?? ''
  const format = wish.format ?? extensions[extension.toLowerCase()]
  if (!format)
    throw new UsageError(`${place}: expected a name that ends with .csv, .parquet, .ndjson or .jsonl, or --format`)
  return { path: resolve(place), format, gzip: wish.gzip || isCompressed, inFolder: false }
}

/** Whether `--out` or `--events` names a folder, there or not. */
export const isFolder = (place: string) => /[/\\]$/.test(place) || statsAt(place)?.isDirectory() === true

function check({ records, events }: Targets, stdout: Screen): void {
  for (const target of [records, events])
    if (target?.gzip && target.format === 'parquet')
      throw new UsageError('--gzip: a Parquet file is compressed within; use --codec gzip')
  if (!records) return
  const isBinary = records.gzip || records.format === 'parquet'
  if (records.path === undefined && isBinary && stdout.isTTY)
    throw new UsageError('--out -: bytes are not for a terminal; send them to a file or a program')
  if (records.path === undefined || !events?.path) return
  const places = [records.path, `${records.path}.json`, events.path, `${events.path}.json`]
  if (new Set(places).size < places.length) throw new UsageError('--out and --events: expected two files, got one')
}
