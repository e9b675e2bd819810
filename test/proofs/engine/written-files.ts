// Compares files that the library wrote with the instances, cell by cell. Readers of other projects read the files.
import { readFile } from 'node:fs/promises'
import { isDeepStrictEqual } from 'node:util'
import { parse } from 'csv-parse/sync'
import { readWithHyparquet } from '../../support/readers/read-parquet.js'
import { instanceOf } from './instances.js'

/** Returns the first difference between a file and the instances in words, or undefined if there is none. */
export type Compare = (path: string, records: number) => Promise<string | undefined>

type Cells = Record<string, unknown>

export const sameNdjson: Compare = async (path, records) => {
  const lines = (await readFile(path, 'utf8')).trimEnd().split('\n')
  const rows = lines.map((line) => JSON.parse(line) as Cells)
  return difference(rows, records, 'processInstanceId', (n) => instanceOf(n))
}

export const sameCsv: Compare = async (path, records) => {
  const rows = parse<Cells>(await readFile(path), { columns: true })
  return difference(rows, records, 'processInstanceId', (n) => {
    const { flowNodeInstances, ...cells } = flatInstance(n)
    const texts = Object.entries(cells).map(([name, value]) => [
      name,
      value === null ? '' : `${value as string | number}`,
    ])
    return {
      ...(Object.fromEntries(texts) as Record<string, string>),
      flowNodeInstances: JSON.stringify(flowNodeInstances),
    }
  })
}

export const sameParquet: Compare = async (path, records) => {
  const { names, rows } = await readWithHyparquet(await readFile(path))
  const objects = rows.map((row) => plain(Object.fromEntries(row.map((cell, at) => [names[at]!, cell]))) as Cells)
  return difference(objects, records, 'processInstanceId', (n) => plain(flatInstance(n)) as Cells)
}

/** Returns the cells of an instance by the names of their columns. */
function flatInstance(n: number): Cells {
  const { counts, flowNodeDurations, variables, ...fields } = instanceOf(n) as Cells
  const cells: Cells = { ...fields }
  for (const [name, value] of Object.entries(counts as Cells)) cells[`count:${name}`] = value
  for (const [name, value] of Object.entries(flowNodeDurations as Cells))
    cells[`dur:${name}`] = (value as Cells)['value']
  for (const [name, value] of Object.entries(variables as Cells)) cells[`variable:${name}`] = value
  return cells
}

/** Replaces bigints by numbers, and dates by their instant, whether they are text or timestamps. */
function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value)
  if (value instanceof Date) return `instant ${value.toISOString()}`
  if (typeof value === 'string' && /^\d{4}-\d\d-\d\dT[\d:.]+\+0000$/.test(value))
    return `instant ${new Date(value).toISOString()}`
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, plain(part)]))
}

function difference(rows: readonly Cells[], records: number, key: string, expected: (n: number) => Cells) {
  if (rows.length !== records) return `${rows.length} rows instead of ${records}`
  const byKey = new Map(rows.map((row) => [row[key], row]))
  for (let n = 0; n < records; n++) {
    const wanted = expected(n)
    const found = byKey.get(wanted[key])
    if (!found) return `${String(wanted[key])} is missing`
    const names = new Set([...Object.keys(wanted), ...Object.keys(found)])
    for (const name of names)
      if (!isDeepStrictEqual(found[name], wanted[name]))
        return `${String(wanted[key])}, ${name}: ${JSON.stringify(found[name])} instead of ${JSON.stringify(wanted[name])}`
  }
  return undefined
}
