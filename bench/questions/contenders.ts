import type { Contender } from '../harness/contest.js'
import { findMissingTools } from '../harness/tools.js'

export const FLOOR = 'fetch + JSON.parse (floor)'
export const BYTES = 'bytes only'
export const CONTROL = 'control (clones and awaits each record)'

export const OURS = {
  csv: 'optimize-export CSV',
  parquet: 'optimize-export Parquet',
  ndjson: 'optimize-export NDJSON',
  csvByRecord: 'optimize-export CSV, a transform between',
} as const

export const PEERS = {
  duckdbCsv: 'DuckDB CSV, two steps',
  duckdbParquet: 'DuckDB Parquet, two steps',
  csvStringify: 'csv-stringify',
  fastCsv: 'fast-csv',
  handWritten: 'hand-written CSV loop',
} as const

const slow = { rounds: 3 } as const
const once = { rounds: 1 } as const
const csv = { outputFormat: 'csv', group: 'csv' } as const
const parquet = { outputFormat: 'parquet', group: 'parquet' } as const

/**
 * Returns the contenders in the order of the table. Slow contenders have fewer rounds, fewer records, or both.
 * @param reducedRecords the records for slow contenders
 * @param minimalRecords the records for the slowest contenders
 */
export function createContenders(
  reducedRecords: number,
  minimalRecords: number,
): { all: Contender[]; skipped: string[] } {
  const tools = [
    createToolContender('curl | jq', ['curl', 'jq', 'bash'], { module: 'curl-jq', ...once, records: minimalRecords }),
    createToolContender('Python: http.client, json, csv', ['python3'], {
      module: 'python',
      ...once,
      records: reducedRecords,
    }),
  ]
  const all: Contender[] = [
    { label: FLOOR, module: 'floor' },
    { label: BYTES, module: 'bytes' },
    { label: OURS.csv, module: 'ours', ...csv },
    { label: OURS.parquet, module: 'ours', options: { format: 'parquet' }, ...parquet },
    { label: OURS.ndjson, module: 'ours', options: { format: 'ndjson' }, outputFormat: 'ndjson' },
    { label: OURS.csvByRecord, module: 'ours', options: { hasTransform: true }, ...csv },
    { label: PEERS.handWritten, module: 'hand-written', ...csv, ...slow },
    { label: PEERS.csvStringify, module: 'csv-stringify', ...csv, ...slow, records: reducedRecords },
    { label: PEERS.fastCsv, module: 'fast-csv', ...csv, ...slow, records: reducedRecords },
    { label: 'hyparquet-writer rows', module: 'hyparquet-rows', ...parquet, ...once, records: reducedRecords },
    { label: 'parquetjs-lite', module: 'parquetjs-lite', ...parquet, ...once, records: minimalRecords },
    { label: PEERS.duckdbCsv, module: 'duckdb', ...csv },
    { label: PEERS.duckdbParquet, module: 'duckdb', options: { format: 'parquet' }, ...parquet },
    ...tools.flatMap(({ contender }) => contender),
    { label: CONTROL, module: 'control', ...csv, ...once, records: reducedRecords },
  ]
  return { all, skipped: tools.flatMap(({ skipped }) => skipped) }
}

function createToolContender(label: string, tools: readonly string[], contender: Omit<Contender, 'label'>) {
  const missing = findMissingTools(...tools)
  if (missing.length > 0)
    return { contender: [], skipped: [`${label}: skipped, no ${missing.join(', ')} on this machine`] }
  return { contender: [{ label, ...contender, ...csv }], skipped: [] }
}
