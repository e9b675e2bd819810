// The columns of Optimize's own CSV download. Source: camunda/camunda CSVUtils, RawDataCsvDownload samples.
import { knownType } from '../../reports/report.js'
import { cellText } from '../../rows/cell.js'
import type { Column, ReadCell } from '../../rows/column.js'
import type { Cell, Row } from '../../types.js'
import type { Format } from '../format.js'

const PLACEHOLDER = '<<OBJECT_VARIABLE_VALUE>>'

/** Gives a format the columns, their order and the cells that the download has. */
export function asOptimizeDownload(format: Format, onColumns: (count: number) => void): Format {
  return {
    open: (columns, sample) => {
      const kept = naturalOrder(columns.filter((column) => isFlat(column, sample))).map(asDownloaded)
      onColumns(kept.length)
      return format.open(kept, sample)
    },
    encode: (rows, first) => format.encode(rows, first),
    close: () => format.close(),
  }
}

/** The download has no nested columns, and none for object variables. */
function isFlat({ id, read }: Column, sample: readonly Row[]): boolean {
  if (id === 'flowNodeInstances') return false
  if (id.startsWith('output:')) return true
  return !sample.some((row) => isNested(read(row)))
}

const isNested = (cell: Cell) =>
  cell === PLACEHOLDER || (typeof cell === 'object' && cell !== null && !(cell instanceof Date))

function asDownloaded(column: Column): Column {
  if (knownType(column.id) === 'timestamp') return { ...column, read: mapped(column.read, offsetDateTime) }
  return column.id.startsWith('output:') ? { ...column, read: mapped(column.read, joined) } : column
}

const mapped =
  (read: ReadCell, change: (cell: Cell) => Cell): ReadCell =>
  (row) =>
    change(read(row))

const joined = (cell: Cell) => (Array.isArray(cell) ? cell.map((value) => cellText(value) ?? '').join(',') : cell)

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

/** Within a prefix, by name without digits and then by number. */
function naturalOrder(columns: readonly Column[]): Column[] {
  const groups = new Map<string, Column[]>()
  for (const column of columns) {
    const group = groupOf(column.id) || column.id
    groups.set(group, [...(groups.get(group) ?? []), column])
  }
  return [...groups.values()].flatMap((group) => group.sort((a, b) => naturally(a.id, b.id)))
}

const groupOf = (id: string) => /^(?:count|dur|variable|input|output):/.exec(id)?.[0] ?? ''

function naturally(a: string, b: string): number {
  const [letters, others] = [a.replace(/\d/g, ''), b.replace(/\d/g, '')]
  if (letters !== others) return letters < others ? -1 : 1
  return Number(a.replace(/\D/g, '')) - Number(b.replace(/\D/g, ''))
}
