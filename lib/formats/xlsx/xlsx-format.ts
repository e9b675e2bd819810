// Writes rows as a workbook of Excel. The rows of the report are compressed and emitted as they come. The event log is compressed into a
// temporary file, because its sheets come after those of the report.
import { ExportError } from '../../shared/errors.js'
import { describe } from '../../shared/options.js'
import { getCellDigits, createOwnReader, type Column } from '../../schema/column.js'
import { createOptimizeRows, fixedEventColumns } from '../../schema/flow-node-events.js'
import { getDecimalSize, isDecimal, type PlainType, type ScalarType, type Value } from '../../schema/column-type.js'
import { formatDecimal } from '../../schema/decimal.js'
import type { Cell, Row } from '../../shared/types.js'
import type { EncoderStats, Warn } from '../../encode/encoder.js'
import type { Emit, SignatureFunction } from '../../encode/format.js'
import { Spool } from '../../encode/spool.js'
import { decideColumnType, type TypedColumn } from '../../encode/typed/decide-column-type.js'
import { SampledFormat, type SampledFormatPlan } from '../../encode/typed/sampled-format.js'
import { selectConverter } from '../../encode/typed/convert-cell.js'
import { CellXml, getText, isLongInteger } from './cell-xml.js'
import { MAX_CELL_LENGTH, MAX_SHEET_COLUMNS, MAX_SHEET_NAME_LENGTH } from './excel-limits.js'
import { TableSheets, type SheetColumn, type SheetPart } from './table-sheets.js'
import { createWorkbookParts, packageRelationships, type WorkbookSheet } from './workbook-parts.js'
import { Deflater, ZipWriter, type EntryFigures } from './zip-writer.js'

/** The resolved options of a workbook. */
export interface WorkbookPlan extends SampledFormatPlan {
  /** The name of the first sheet. */
  readonly sheet: string
  readonly hasEventSheet: boolean
  readonly sheetRows: number
  readonly timestampFormat: string
  readonly toLocalMs: (ms: number) => number
}

/** The name of the sheet of the event log. */
export const EVENT_SHEET = 'Events'

export class XlsxFormat extends SampledFormat<TableSheets> {
  readonly #plan: WorkbookPlan
  readonly #warn: Warn
  readonly #zip: ZipWriter
  readonly #cells: CellXml
  readonly #events: EventSheets | undefined

  constructor(plan: WorkbookPlan, stats: EncoderStats, emit: Emit, warn: Warn) {
    super(plan, stats)
    this.#plan = plan
    this.#warn = warn
    this.#zip = new ZipWriter(emit)
    this.#cells = new CellXml(plan.toLocalMs)
    if (plan.hasEventSheet) this.#events = new EventSheets(plan, this.#cells)
  }

  override async open(columns: readonly Column[], exampleRows: readonly Row[]): Promise<void> {
    const problem =
      columns.length === 0
        ? 'at least one column, got none'
        : `at most ${formatLimit(MAX_SHEET_COLUMNS)} columns, got ${columns.length}`
    if (columns.length === 0 || columns.length > MAX_SHEET_COLUMNS)
      throw new ExportError('ERR_ENCODE', `toXlsx: expected records with ${problem}`)
    await this.#zip.addEntry(...packageRelationships)
    await super.open(columns, exampleRows)
  }

  /** Adds the events of records to the sheet of the event log, if the workbook has one. */
  async addEvents(records: readonly Row[]): Promise<void> {
    await this.#events?.addRecords(records)
  }

  /** Distinguishes integers of more digits than Excel keeps, because a column that has one is text. */
  override getSignatureFunction(column: Column): SignatureFunction | undefined {
    const signature = super.getSignatureFunction(column)
    return signature && ((cell: Cell) => (isLongInteger(cell) ? 'long' : signature(cell)))
  }

  async close(): Promise<void> {
    const table = await this.finishRows()
    await table.close()
    const sheets = this.#listSheets(this.#plan.sheet, table, getSheetFile)
    if (this.#events) {
      await this.#events.addTo(this.#zip)
      sheets.push(...this.#listSheets(EVENT_SHEET, this.#events.table, getEventFile))
    }
    for (const part of createWorkbookParts(sheets, this.#plan.timestampFormat)) await this.#zip.addEntry(...part)
    await this.#zip.finish()
    this.#warnOfChanges()
  }

  async dispose(): Promise<void> {
    this.writer?.destroy()
    await this.#events?.dispose()
  }

  protected createWriter(columns: readonly TypedColumn[]): TableSheets {
    return new TableSheets({
      columns: columns.map((column) => createSheetColumn(column, this.#cells)),
      cells: this.#cells,
      sheetRows: this.#plan.sheetRows,
      openPart: (index) => this.#zip.openEntry(`xl/worksheets/${getSheetFile(index)}`),
    })
  }

  protected override decideType(column: Column, sample: readonly Row[]): TypedColumn {
    const typed = super.decideType(column, sample)
    const isText = typed.chosen === 'inferred' && sample.some((row) => isLongInteger(column.read(row)))
    return isText ? { ...typed, type: 'string' } : typed
  }

  #listSheets(name: string, table: TableSheets, getFile: (index: number) => string): WorkbookSheet[] {
    const { sheetRowCounts, lastColumn } = table
    if (sheetRowCounts.length > 1)
      this.#warn({
        code: 'WARN_SHEETS',
        message: `toXlsx: ${name} has more rows than a sheet can hold; it continues in ${listNames(name, sheetRowCounts.length).slice(1).join(', ')}`,
      })
    return listNames(name, sheetRowCounts.length).map((sheetName, index) => ({
      name: sheetName,
      file: getFile(index),
      range: `$A$1:$${lastColumn}$${sheetRowCounts[index]! + 1}`,
    }))
  }

  #warnOfChanges(): void {
    const { cut, replaced } = this.#cells.changes
    const warn = (count: number, texts: string, change: string) => {
      if (count > 0)
        this.#warn({
          code: 'WARN_TEXT_CHANGED',
          message: `toXlsx: ${count} ${count === 1 ? 'text' : 'texts'} ${texts}: ${change}`,
        })
    }
    warn(
      cut,
      `of more than ${formatLimit(MAX_CELL_LENGTH)} characters`,
      'the end was cut off, because a cell of Excel holds no more',
    )
    warn(replaced, 'with characters that a workbook cannot hold', 'they were replaced by U+FFFD')
  }
}

const formatLimit = (limit: number) => limit.toLocaleString('en-US')

const getSheetFile = (index: number) => `sheet${index + 1}.xml`
const getEventFile = (index: number) => `events${index + 1}.xml`

/** Returns the names of the sheets of one table: `Report`, `Report 2`. */
const listNames = (name: string, count: number) =>
  Array.from({ length: count }, (_, index) => {
    const suffix = index === 0 ? '' : ` ${index + 1}`
    return name.slice(0, MAX_SHEET_NAME_LENGTH - suffix.length) + suffix
  })

/** The widths of a time, `2024-05-31 06:11:26`, and of a day. */
const widths: Readonly<Partial<Record<ScalarType, number>>> = { timestamp: 19, date: 10 }

function createSheetColumn(column: TypedColumn, cells: CellXml): SheetColumn {
  const { id, name, chosen, read } = column
  const type = column.type as ScalarType
  const convert = selectConverter(column.converters, type)
  const write = selectWriter(type)
  const readText = (row: Row) => {
    const cell = read(row)
    return getText(cell, typeof cell === 'number' ? getCellDigits(column, row) : undefined)
  }
  const format = (reference: string, row: Row, rowNumber: number) => {
    const cell = read(row)
    if (cell === null || cell === undefined || cell === '') return ''
    const value = write && convert(isDecimal(type) ? readText(row) : cell)
    if (value === undefined && chosen === 'declared' && write) throw createCellError(id, type, rowNumber, cell)
    const xml = value === undefined ? undefined : write!(cells, reference, value)
    return xml ?? cells.formatText(reference, readText(row))
  }
  return { name, format, measure: (row) => widths[type] ?? readText(row).length }
}

function createCellError(id: string, type: ScalarType, rowNumber: number, cell: Cell): ExportError {
  const place = `toXlsx: column ${JSON.stringify(id)}, record ${rowNumber}`
  return new ExportError('ERR_CELL_TYPE', `${place}: expected ${type}, got ${describe(cell)}`)
}

type WriteValue = (cells: CellXml, reference: string, value: Value) => string | undefined

/** The writers of types that are not text. Each returns undefined for a value that Excel cannot hold. */
function selectWriter(type: ScalarType): WriteValue | undefined {
  if (!isDecimal(type)) return writers[type]
  const size = getDecimalSize(type)
  return (cells, reference, value) => cells.formatDecimal(reference, formatDecimal(value as bigint, size))
}

const writers: Readonly<Partial<Record<PlainType, WriteValue>>> = {
  int64: (cells, reference, value) => cells.formatNumber(reference, value as bigint),
  double: (cells, reference, value) => cells.formatNumber(reference, value as number),
  boolean: (cells, reference, value) => cells.formatBoolean(reference, value as boolean),
  timestamp: (cells, reference, value) => cells.formatTimestamp(reference, value as number),
  date: (cells, reference, value) => cells.formatDate(reference, value as number),
}

/** The sheets of the event log. */
class EventSheets {
  readonly table: TableSheets
  readonly #spool = new Spool()
  readonly #figures: EntryFigures[] = []
  #events = 0

  constructor({ typeOptions, sheetRows }: WorkbookPlan, cells: CellXml) {
    const columns = fixedEventColumns.map((id) =>
      decideColumnType({ id, name: id, read: createOwnReader(id) }, [], typeOptions),
    )
    this.table = new TableSheets({
      columns: columns.map((column) => createSheetColumn(column, cells)),
      cells,
      sheetRows,
      openPart: (index) => Promise.resolve(this.#openPart(index)),
    })
  }

  async addRecords(records: readonly Row[]): Promise<void> {
    for (const record of records)
      for (const event of createOptimizeRows(record, [])) await this.table.addRow(event, ++this.#events)
  }

  /** Adds the sheets to the workbook. */
  async addTo(zip: ZipWriter): Promise<void> {
    await this.table.close()
    const frames = this.#spool.readFrames()
    let frame = await frames.next()
    for (const [index, figures] of this.#figures.entries()) {
      const readPart = async function* () {
        for (; frame.done !== true && frame.value.tag === index; frame = await frames.next()) yield frame.value.bytes
      }
      await zip.addDeflated(`xl/worksheets/${getEventFile(index)}`, figures, readPart())
    }
  }

  async dispose(): Promise<void> {
    this.table.destroy()
    await this.#spool.dispose()
  }

  #openPart(index: number): SheetPart {
    const deflater = new Deflater((bytes) => this.#spool.write(index, bytes))
    return { deflater, close: async () => void this.#figures.push(await deflater.end()) }
  }
}
