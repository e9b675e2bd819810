// The columns of Optimize's own CSV download. Source: CSVUtils and TableColumnDto (camunda/camunda).
import { nestedFields } from '../../reports/nested-fields.js'
import { knownType } from '../../reports/report.js'
import { cellText } from '../../rows/cell.js'
import { withDigits, type Column } from '../../rows/column.js'
import type { Cell, Row } from '../../types.js'
import type { Format } from '../format.js'

/** Gives a format the columns, their order and the cells that the download has; `columns` that were listed stay as they are. */
export function asOptimizeDownload(format: Format, isList: boolean, onColumns: (count: number) => void): Format {
  return {
    open: (columns, sample) => {
      const kept = isList ? columns : naturalOrder(columns.filter((column) => isFlat(column, sample)))
      onColumns(kept.length)
      return format.open(kept.map(asDownloaded), sample)
    },
    voteOn: () => (cell) =>
      isObject(cell) ? 'object' : cell === '' || cell === null || cell === undefined ? '' : 'flat',
    encode: (rows, first) => format.encode(rows, first),
    flush: () => format.flush?.(),
    close: () => format.close(),
  }
}

/** The download has no nested columns, and none for a variable of which it knows nothing but objects. */
function isFlat({ id, read }: Column, sample: readonly Row[]): boolean {
  if (id === 'flowNodeInstances') return false
  if (id.startsWith('output:')) return true
  const cells = sample.map(read).filter((cell) => cell !== undefined && cell !== null && cell !== '')
  return id.startsWith('variable:') ? cells.length === 0 || !cells.every(isObject) : !cells.some(isObject)
}

const PLACEHOLDER = '<<OBJECT_VARIABLE_VALUE>>'

const isObject = (cell: Cell) =>
  cell === PLACEHOLDER || (typeof cell === 'object' && cell !== null && !(cell instanceof Date))

function asDownloaded(column: Column): Column {
  const { id, read } = column
  const change = changes.find(({ applies }) => applies(id))?.change
  return change ? { ...column, read: withDigits((row) => change(read(row)), read.digits) } : column
}

/** Optimize fills in what an instance does not have: no value for a variable, no values for an output. */
const changes: readonly { applies: (id: string) => boolean; change: (cell: Cell) => Cell }[] = [
  { applies: (id) => knownType(id) === 'timestamp', change: offsetDateTime },
  { applies: (id) => id.startsWith('variable:'), change: (cell = '') => (isObject(cell) ? null : cell) },
  { applies: (id) => id.startsWith('input:'), change: (cell = '') => cell },
  { applies: (id) => id.startsWith('output:'), change: joined },
]

function joined(cell: Cell): string {
  const values = Array.isArray(cell) ? cell : [cell]
  return values.map((value) => cellText(value) ?? '').join(',')
}

const dateParts = /^(\d{4}-\d\d-\d\dT\d\d:\d\d):(\d\d)(?:\.(\d+))?(Z|[+-]\d\d:?\d\d)$/

/** As java.time.OffsetDateTime prints: seconds only where there are any, the fraction in groups of three digits. */
function offsetDateTime(cell: Cell): Cell {
  const [, minutes, seconds, fraction = '', offset = ''] =
    (typeof cell === 'string' ? dateParts.exec(cell) : null) ?? []
  if (minutes === undefined) return cell
  const digits = fraction.replace(/(000)+$/, '')
  const clock = digits ? `:${seconds}.${digits}` : seconds === '00' ? '' : `:${seconds}`
  return minutes + clock + (/^(Z|[+-]00:?00)$/.test(offset) ? 'Z' : offset.replace(/^([+-]\d\d):?/, '$1:'))
}

/** Prefix by prefix, within one by name without digits and then by number; what has no prefix keeps its place. */
function naturalOrder(columns: readonly Column[]): Column[] {
  const firstPrefixed = columns.findIndex(({ id }) => prefixOf(id) >= 0)
  const groupAt = ({ id }: Column, at: number) =>
    prefixOf(id) >= 0 ? prefixOf(id) : at < firstPrefixed ? -1 : nestedFields.length
  const ranked = columns.map((column, at) => ({ column, group: groupAt(column, at) }))
  return ranked.sort((a, b) => a.group - b.group || naturally(a.column.id, b.column.id)).map(({ column }) => column)
}

const prefixOf = (id: string) => nestedFields.findIndex(({ prefix }) => id.startsWith(prefix))

function naturally(a: string, b: string): number {
  if (prefixOf(a) < 0) return 0
  const [letters, others] = [a.replace(/\d/g, ''), b.replace(/\d/g, '')]
  if (letters !== others) return letters < others ? -1 : 1
  return Number(a.replace(/\D/g, '')) - Number(b.replace(/\D/g, '')) || 0
}
