import { isEmptyCell, tryFormatCell } from '../../schema/cell-text.js'
import { getCellDigits, type Column } from '../../schema/column.js'
import {
  getDecimalSize,
  isDecimal,
  type PlainType,
  type ScalarType,
  type Value,
} from '../../schema/types/column-type.js'
import { formatDecimal } from '../../schema/types/decimal.js'
import type { RecordOrRow } from '../../shared/types.js'
import type { LocalDates } from '../../encode/local-dates.js'
import { createCellTypeError } from '../../encode/typed/cell-type-error.js'
import { decideColumnType, type TypedColumn, type TypePlan } from '../../encode/typed/decide-column-type.js'
import { selectConverter } from '../../encode/typed/convert-cell.js'
import { isLongInteger, type CellXml } from './cell-xml.js'
import type { NumberDetector } from './number-detector.js'
import type { SheetColumn } from './table-sheets.js'

/**
 * Decides the type of a column. A column whose type is inferred is text if an example row has an integer of more digits than Excel keeps.
 * The signature of `XlsxFormat` makes a row with such an integer an example row.
 */
export function decideSheetType(column: Column, rows: readonly RecordOrRow[], plan: TypePlan): TypedColumn {
  const typed = decideColumnType(column, rows, plan)
  const isText = typed.chosen === 'inferred' && rows.some((row) => isLongInteger(column.read(row)))
  return isText ? { ...typed, type: 'string' } : typed
}

/** @param numberDetector gets the texts that the column writes */
export function createSheetColumn(
  column: TypedColumn,
  cellXml: CellXml,
  localDates: LocalDates,
  numberDetector?: NumberDetector,
): SheetColumn {
  const { name, chosen, read } = column
  const type = column.type as ScalarType
  const convert = selectConverter(column.converters, type)
  const { write, width } = selectCellFormat(type, cellXml)
  const readText = (row: RecordOrRow) => {
    const cell = read(row)
    return (typeof cell === 'number' ? getCellDigits(column, row) : undefined) ?? tryFormatCell(cell)
  }
  const format = (reference: string, row: RecordOrRow, rowNumber: number) => {
    const cell = read(row)
    if (isEmptyCell(cell)) return ''
    const isDeclared = chosen === 'declared'
    const value = write || isDeclared ? convert(isDecimal(type) ? (readText(row) ?? cell) : cell) : undefined
    const xml = value === undefined ? undefined : write?.(cellXml, reference, value)
    if (xml === undefined) {
      const text = isDeclared && value === undefined ? undefined : readText(row)
      if (typeof text !== 'string') throw createCellTypeError('toXlsx', `row ${rowNumber}`, column, cell)
      numberDetector?.add(text)
      return cellXml.formatText(reference, text)
    }
    if (type === 'timestamp' && typeof cell === 'string') localDates.note(cell)
    return xml
  }
  return { name, format, measure: (row) => width ?? readText(row)?.length ?? 0 }
}

interface CellFormat {
  /** Missing for text. Returns undefined for a value that Excel cannot hold. */
  readonly write?: (cellXml: CellXml, reference: string, value: Value) => string | undefined
  /** Missing if the width is the length of the text. */
  readonly width?: number
}

function selectCellFormat(type: ScalarType, cellXml: CellXml): CellFormat {
  if (!isDecimal(type)) return cellFormats[type]
  const size = getDecimalSize(type)
  const style = cellXml.getDecimalStyle(size.scale)
  return { write: (xml, reference, value) => xml.formatDecimal(reference, formatDecimal(value as bigint, size), style) }
}

/** The widths are those of a time, `2024-05-31 06:11:26`, and of a day. */
const cellFormats: Readonly<Record<PlainType, CellFormat>> = {
  string: {},
  int64: { write: (cellXml, reference, value) => cellXml.formatNumber(reference, value as bigint) },
  double: { write: (cellXml, reference, value) => cellXml.formatNumber(reference, value as number) },
  boolean: { write: (cellXml, reference, value) => cellXml.formatBoolean(reference, value as boolean) },
  timestamp: { write: (cellXml, reference, value) => cellXml.formatTimestamp(reference, value as number), width: 19 },
  date: { write: (cellXml, reference, value) => cellXml.formatDate(reference, value as number), width: 10 },
  json: {},
}
