// Gives a CSV file the columns and cells of Optimize's own CSV download. Source: CSVUtils and TableColumnDto (camunda/camunda).
import { nestedFields, OBJECT_VARIABLE_PLACEHOLDER } from '../../shared/reports/nested-fields.js'
import { getKnownType } from '../../shared/reports/report-kinds.js'
import { isEmptyCell, tryFormatCell } from '../../schema/cell-text.js'
import { addDigitsReader, type Column } from '../../schema/column.js'
import { createKnownColumnSchema } from '../../schema/column-schema.js'
import type { Cell, RecordOrRow } from '../../shared/types.js'
import type { PlannedRun } from '../../spans/record-spans.js'
import { NESTED, NULL, TEXT } from '../../spans/span.js'
import type { EncoderStats } from '../encoder.js'
import type { SpanSignatureFunction } from '../span-signatures.js'
import type { Format, SignatureFunction } from '../format.js'
import type { CellChange, CsvColumn } from './cells/cell-change.js'

/**
 * Returns a format that passes the columns of the download to another format, and sets the figures about columns. If columns are listed,
 * all of them stay, in their order.
 */
export function applyOptimizePreset(format: Format, areColumnsListed: boolean, stats: EncoderStats): Format {
  let order: readonly number[] = []
  const reorderedPlans = new Map<Int32Array, Pick<PlannedRun, 'columnSlots' | 'objectCells'>>()
  const reorder = (run: PlannedRun): PlannedRun => {
    const { columnSlots, objectCells } = run
    const plan = reorderedPlans.get(columnSlots) ?? {
      columnSlots: Int32Array.from(order, (index) => columnSlots[index]!),
      objectCells: new Map(order.flatMap((from, to) => (objectCells?.has(from) ? [[to, objectCells.get(from)!]] : []))),
    }
    reorderedPlans.set(columnSlots, plan)
    return { ...run, ...plan }
  }
  return {
    open: (columns, exampleRows) => {
      const downloadColumns = areColumnsListed
        ? columns
        : sortNaturally(columns.filter((column) => isInDownload(column, exampleRows)))
      order = downloadColumns.map((column) => columns.indexOf(column))
      stats.columns = downloadColumns.length
      stats.schema = downloadColumns.map(createKnownColumnSchema)
      return format.open(downloadColumns.map(adaptColumn), exampleRows)
    },
    getSignatureFunction: ({ id }) => {
      if (isInDownloadByName(id) !== undefined) return undefined
      return id.startsWith('variable:') ? variableSignature : fieldSignature
    },
    encode: (rows, firstRowNumber) => format.encode(rows, firstRowNumber),
    encodeSpans:
      format.encodeSpans && ((runs, firstRowNumber) => format.encodeSpans!(runs.map(reorder), firstRowNumber)),
    flush: () => format.flush?.(),
    close: () => format.close(),
  }
}

/** Returns whether the download has the column, if its name alone decides that; undefined if its cells decide. */
function isInDownloadByName(id: string): boolean | undefined {
  if (id === 'flowNodeInstances') return false
  return id.startsWith('output:') ? true : undefined
}

/** False for a column that the download leaves out: `flowNodeInstances`, a field with nested values, a variable with only objects. */
function isInDownload({ id, read }: Column, exampleRows: readonly RecordOrRow[]): boolean {
  const isIn = isInDownloadByName(id)
  if (isIn !== undefined) return isIn
  const cells = exampleRows.map(read).filter((cell) => !isEmptyCell(cell))
  return id.startsWith('variable:') ? cells.length === 0 || !cells.every(isObject) : !cells.some(isObject)
}

const createFlatSignature = (decisive: 'flat' | 'object'): SignatureFunction =>
  Object.assign((cell: Cell) => (isObject(cell) ? 'object' : isEmptyCell(cell) ? '' : 'flat'), {
    ofSpan: getFlatSpanSignature,
    decisive,
  })

const getFlatSpanSignature: SpanSignatureFunction = (_bytes, start, end, flags) => {
  if (flags === NULL || (flags === TEXT && start === end)) return ''
  if ((flags & NESTED) !== 0) return 'object'
  const mayBePlaceholder = flags !== TEXT || end - start === OBJECT_VARIABLE_PLACEHOLDER.length
  return (flags & TEXT) !== 0 && mayBePlaceholder ? undefined : 'flat'
}

const variableSignature = createFlatSignature('flat')
const fieldSignature = createFlatSignature('object')

const isObject = (cell: Cell) =>
  cell === OBJECT_VARIABLE_PLACEHOLDER || (typeof cell === 'object' && cell !== null && !(cell instanceof Date))

function adaptColumn(column: Column): CsvColumn {
  const { id, read } = column
  const change = cellChanges.find(({ matches }) => matches(id))
  if (!change) return column
  return { ...column, read: addDigitsReader((row) => change.apply(read(row)), read.readDigits), change }
}

/** Optimize writes `''` for a variable, input or output that an instance does not have. */
const cellChanges: readonly (CellChange & { matches: (id: string) => boolean })[] = [
  { kind: 'date', matches: (id) => getKnownType(id) === 'timestamp', apply: formatOffsetDateTime },
  {
    kind: 'variable',
    matches: (id) => id.startsWith('variable:'),
    apply: (cell = '') => (isObject(cell) ? null : cell),
  },
  { kind: 'input', matches: (id) => id.startsWith('input:'), apply: (cell = '') => cell },
  { kind: 'output', matches: (id) => id.startsWith('output:'), apply: joinValues },
]

/** Returns the texts of the values, or a value that has no text: the error of the cell then tells its place. */
function joinValues(cell: Cell): Cell {
  const values: readonly Cell[] = Array.isArray(cell) ? cell : [cell]
  const texts = values.map(tryFormatCell)
  const refused = texts.indexOf(undefined)
  return refused === -1 ? texts.map((text) => text ?? '').join(',') : values[refused]
}

/** The form of a date. The numbers are not checked. */
const datePattern = /^(\d{4}-\d\d-\d\dT\d\d:\d\d):(\d\d)(?:\.(\d+))?(Z|[+-]\d\d:?\d\d)$/

/** Formats a date like java.time.OffsetDateTime: no seconds if seconds and fraction are 0, the fraction in groups of three digits. */
function formatOffsetDateTime(cell: Cell): Cell {
  const [, minutes, seconds, fraction = '', offset = ''] =
    (typeof cell === 'string' ? datePattern.exec(cell) : null) ?? []
  if (minutes === undefined) return cell
  const digits = fraction.replace(/(000)+$/, '')
  const time = digits ? `:${seconds}.${digits}` : seconds === '00' ? '' : `:${seconds}`
  return minutes + time + (/^(Z|[+-]00:?00)$/.test(offset) ? 'Z' : offset.replace(/^([+-]\d\d):?/, '$1:'))
}

/**
 * Sorts columns by prefix, then by name without digits, then by number. Columns before the first one with a prefix stay there; later
 * columns without a prefix come last.
 */
function sortNaturally(columns: readonly Column[]): Column[] {
  const firstPrefixed = columns.findIndex(({ id }) => getPrefixIndex(id) >= 0)
  const getGroup = ({ id }: Column, index: number) =>
    getPrefixIndex(id) >= 0 ? getPrefixIndex(id) : index < firstPrefixed ? -1 : nestedFields.length
  const ranked = columns.map((column, index) => ({ column, group: getGroup(column, index) }))
  return ranked
    .sort((a, b) => a.group - b.group || compareNaturally(a.column.id, b.column.id))
    .map(({ column }) => column)
}

const getPrefixIndex = (id: string) => nestedFields.findIndex(({ prefix }) => id.startsWith(prefix))

function compareNaturally(a: string, b: string): number {
  if (getPrefixIndex(a) < 0) return 0
  const [lettersOfA, lettersOfB] = [a.replace(/\d/g, ''), b.replace(/\d/g, '')]
  if (lettersOfA !== lettersOfB) return lettersOfA < lettersOfB ? -1 : 1
  return Number(a.replace(/\D/g, '')) - Number(b.replace(/\D/g, '')) || 0
}
