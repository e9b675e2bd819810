// The rows of a hyper-map report: a record is a group, and each pair in its `value` becomes a row. `fastpath/rows/row-maker.ts` calls
// `expandRecord` with records of slots. So a cell must be a value of the record, or null.
import { copyDigits } from '../../shared/json/digits.js'
import { canBeGroup, isHyperMapGroup } from '../../shared/reports/report-kinds.js'
import type { ExportRecord, JsonValue, RecordOrRow, Row } from '../../shared/types.js'

/** Returns the rows of a record: for a group of a hyper-map report with pairs one row per pair, else one row. */
export function expandRecord(record: RecordOrRow): readonly RecordOrRow[] {
  if (!isHyperMapGroup(record as ExportRecord)) return [record]
  const { key, label = null, value, ...rest } = record as ExportRecord
  const pairs = value as Record<string, JsonValue>[]
  return (pairs.length > 0 ? pairs : [{}]).map((pair) => {
    const row: Row = { key, label, ...createPairCells(pair), ...rest }
    copyDigits(record, row)
    copyDigits(pair, row, getPairColumnName)
    return row
  })
}

/** Returns the rows of records: the same array if none of them is a group. */
export const expandRecords = (records: readonly RecordOrRow[]): readonly RecordOrRow[] =>
  records.some((record) => Array.isArray(record['value'])) ? records.flatMap(expandRecord) : records

/** With these options a RowMaker makes the rows that `expandRecord` makes. */
export const pairRowMakerOptions = { field: 'value', createRows: expandRecord }

/**
 * The ranks of the columns of the row of a pair. `key`, `label` and `value` have the ranks that they have in an entry of a map report,
 * because a group whose `value` is null looks like such an entry.
 */
const pairRowRanks: ReadonlyMap<string, number> = new Map([
  ['key', 0],
  ['label', 1],
  ['distributedKey', 1],
  ['distributedLabel', 1],
  ['value', 2],
])

/** Returns the ranks of the columns of a row, or undefined if it is not the row of a pair. */
export const getPairRowRanks = (row: RecordOrRow): ReadonlyMap<string, number> | undefined =>
  'distributedKey' in row && canBeGroup((field) => field in row) ? pairRowRanks : undefined

function createPairCells({ key = null, label = null, value = null, ...rest }: Record<string, JsonValue>): Row {
  const others = Object.entries(rest).map(([field, cell]) => [getPairColumnName(field), cell] as const)
  return { distributedKey: key, distributedLabel: label, value, ...Object.fromEntries(others) }
}

/** Returns the name of the column of a field of a pair: `distributedKey` for `key`, but `value` for `value`. */
export const getPairColumnName = (field: string) =>
  field === 'value' ? field : `distributed${field.slice(0, 1).toUpperCase()}${field.slice(1)}`
