import type { CaseOptions, Format } from '../harness/case-types.js'

/** An option, which is compared with the plain form of its format. */
export interface OptionRow {
  readonly label: string
  readonly format: Format
  /** The kind of the report: `late` is a process report in the middle of which two variables appear. */
  readonly report: 'process' | 'late' | 'decision' | 'map' | 'hyperMap'
  readonly options: CaseOptions
}

const formats = ['csv', 'parquet', 'ndjson'] as const satisfies readonly Format[]

export const createPlainRow = (format: Format): OptionRow => createRow(format, 'plain', {})

const createRow = (
  format: Format,
  label: string,
  options: CaseOptions,
  report: OptionRow['report'] = 'process',
): OptionRow => ({ label: `${format}, ${label}`, format, report, options: { format, ...options } })

const picked = ['processInstanceId', 'startDate', 'variable:amount', 'variable:customer', 'flowNodeInstances']
const omitted = ['businessKey', 'variable:amount', 'flowNodeDurations']

export const optionRows: readonly OptionRow[] = [
  ...formats.map((format) => createRow(format, 'events', { events: { format } })),
  createRow('csv', 'columns all', { csv: { columns: 'all' } }),
  createRow('csv', 'columns all, two late', { csv: { columns: 'all' } }, 'late'),
  createRow('csv', 'late columns overflow', { csv: { lateColumns: 'overflow' } }, 'late'),
  createRow('csv', 'naming function', { hasNamingFunction: true }),
  createRow('csv', 'pick', { csv: { pick: picked } }),
  createRow('csv', 'omit', { csv: { omit: omitted } }),
  createRow('csv', 'preset optimize', { csv: { preset: 'optimize' } }),
  createRow('csv', 'preset optimize, columns all', { csv: { preset: 'optimize', columns: 'all' } }),
  createRow('parquet', 'infer types', { parquet: { inferTypes: true } }),
  createRow('parquet', 'variables map', { parquet: { variables: 'map' } }),
  createRow('parquet', 'infer types, columns all', { parquet: { inferTypes: true, columns: 'all' } }),
  createRow('parquet', 'variables map, columns all', { parquet: { variables: 'map', columns: 'all' } }),
  createRow('parquet', 'columns all', { parquet: { columns: 'all' } }),
  createRow('parquet', 'columns all, two late', { parquet: { columns: 'all' } }, 'late'),
  createRow('parquet', 'late columns overflow', { parquet: { lateColumns: 'overflow' } }, 'late'),
  createRow('parquet', 'naming function', { hasNamingFunction: true }),
  createRow('parquet', 'pick', { parquet: { pick: picked } }),
  createRow('ndjson', 'pick', { ndjson: { pick: picked } }),
  createRow('ndjson', 'omit', { ndjson: { omit: omitted } }),
  ...formats.map((format) => createRow(format, 'decision report', {}, 'decision')),
  ...formats.map((format) => createRow(format, 'map report', {}, 'map')),
  ...formats.map((format) => createRow(format, 'hyper-map report', {}, 'hyperMap')),
]
