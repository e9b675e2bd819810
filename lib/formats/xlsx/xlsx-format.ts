// Writes rows as a workbook of Excel. The rows of the report are compressed and emitted as they come. The event log is compressed into a
// temporary file, because its sheets come after the sheets of the report.
import { describeCount } from '../../shared/describe-value.js'
import { ExportError } from '../../shared/errors.js'
import { createPropertyReader, type Column } from '../../schema/column.js'
import { createPlainEventRows, fixedEventColumns, type RepeatedField } from '../../schema/rows/flow-node-events.js'
import type { Cell, RecordOrRow, Row } from '../../shared/types.js'
import { checkHasColumns } from '../../encode/column-options.js'
import type { EncoderStats, WorkbookWarning } from '../../encode/encoder.js'
import type { Warn } from '../../encode/record-encoder.js'
import type { Emit, SignatureFunction } from '../../encode/format.js'
import type { LocalDates } from '../../encode/local-dates.js'
import { Spool } from '../../encode/spool/spool.js'
import type { TypedColumn } from '../../encode/typed/decide-column-type.js'
import { TypedFormat } from '../../encode/typed/typed-format.js'
import type { SchemaPlan } from '../../encode/typed/typed-options.js'
import { CellXml, cutText, isLongInteger } from './cell-xml.js'
import { MAX_CELL_LENGTH, MAX_SHEET_COLUMNS, MAX_SHEET_NAME_LENGTH } from './excel-limits.js'
import { NumberDetector } from './number-detector.js'
import { createSheetColumn, decideSheetType } from './sheet-column.js'
import { TableSheets, type SheetPart } from './table-sheets.js'
import { createWorkbookParts, packageRelationships, type WorkbookSheet } from './workbook-parts.js'
import { Deflater, ZipWriter, type EntryFigures } from './zip-writer.js'

export interface WorkbookPlan extends SchemaPlan {
  readonly sheet: string
  /** The columns of the sheet of events after the fixed columns; undefined if there is no sheet of events. */
  readonly repeatedFields: readonly RepeatedField[] | undefined
  readonly sheetRows: number
  readonly timestampFormat: string
  readonly localDates: LocalDates
}

export const EVENT_SHEET = 'Events'

export class XlsxFormat extends TypedFormat<WorkbookPlan, TableSheets> {
  readonly #warn: Warn
  readonly #zip: ZipWriter
  readonly #cellXml: CellXml
  readonly #events: EventSheets | undefined
  #numberDetectors: readonly NumberDetector[] = []
  /** The names of sheets in lower case, because Excel ignores case. */
  readonly #sheetNames = new Set<string>()

  constructor(plan: WorkbookPlan, stats: EncoderStats, emit: Emit, warn: Warn) {
    super(plan, stats)
    this.#warn = warn
    this.#zip = new ZipWriter(emit)
    this.#cellXml = new CellXml(plan.localDates.toLocalMs)
    if (plan.repeatedFields) this.#events = new EventSheets(plan, plan.repeatedFields, this.#cellXml)
  }

  override async open(columns: readonly Column[], exampleRows: readonly RecordOrRow[]): Promise<void> {
    checkHasColumns('toXlsx', columns)
    const problem = `at most ${formatLimit(MAX_SHEET_COLUMNS)} columns, got ${columns.length}`
    if (columns.length > MAX_SHEET_COLUMNS)
      throw new ExportError('ERR_ENCODE', `toXlsx: expected records with ${problem}`)
    await this.#zip.addEntry(...packageRelationships)
    await super.open(columns, exampleRows)
  }

  async addEvents(records: readonly RecordOrRow[]): Promise<void> {
    await this.#events?.addRecords(records)
  }

  /** An integer of more digits than Excel keeps has a signature of its own, because it makes its column text. */
  override getSignatureFunction(column: Column): SignatureFunction | undefined {
    const signature = super.getSignatureFunction(column)
    return signature && ((cell: Cell) => (isLongInteger(cell) ? 'long' : signature(cell)))
  }

  async close(): Promise<void> {
    const table = await this.ensureWriter()
    await table.close()
    const sheets = this.#listSheets(this.plan.sheet, table, getSheetFile)
    if (this.#events) sheets.push(...this.#listSheets(EVENT_SHEET, await this.#events.addTo(this.#zip), getEventFile))
    for (const part of createWorkbookParts(sheets, this.plan.timestampFormat, this.#cellXml.scales))
      await this.#zip.addEntry(...part)
    await this.#zip.finish()
    this.#warnOfChanges()
  }

  async dispose(): Promise<void> {
    this.writer?.destroy()
    await this.#events?.dispose()
  }

  protected createWriter(columns: readonly TypedColumn[]): TableSheets {
    const numberDetectors = columns.map(({ id, type, chosen }) =>
      type === 'string' && chosen === 'inferred' ? new NumberDetector(id) : undefined,
    )
    this.#numberDetectors = numberDetectors.filter((detector) => detector !== undefined)
    return new TableSheets({
      columns: columns.map((column, index) =>
        createSheetColumn(column, this.#cellXml, this.plan.localDates, numberDetectors[index]),
      ),
      cellXml: this.#cellXml,
      sheetRows: this.plan.sheetRows,
      openPart: (index) => this.#zip.openEntry(`xl/worksheets/${getSheetFile(index)}`),
    })
  }

  protected override decideType(column: Column, rows: readonly RecordOrRow[]): TypedColumn {
    return decideSheetType(column, rows, this.plan.typePlan)
  }

  #listSheets(name: string, table: TableSheets, getFile: (index: number) => string): WorkbookSheet[] {
    const { sheetRowCounts, lastColumn } = table
    const names = this.#createNames(name, sheetRowCounts.length)
    if (sheetRowCounts.length > 1)
      this.#warn({
        code: 'WARN_SHEETS',
        message: `toXlsx: ${name} does not fit into one sheet; it continues in ${names.slice(1).join(', ')}`,
      })
    return names.map((sheetName, index) => ({
      name: sheetName,
      file: getFile(index),
      range: `$A$1:$${lastColumn}$${sheetRowCounts[index]! + 1}`,
    }))
  }

  /** Returns the names of the sheets of one table: `Report`, `Report 2`. Leaves out the names of other sheets. */
  #createNames(name: string, count: number): string[] {
    const names: string[] = []
    for (let number = 1; names.length < count; number++) {
      const suffix = number === 1 ? '' : ` ${number}`
      const sheetName = cutText(name, MAX_SHEET_NAME_LENGTH - suffix.length) + suffix
      if (!this.#sheetNames.has(sheetName.toLowerCase())) names.push(sheetName)
      this.#sheetNames.add(sheetName.toLowerCase())
    }
    return names
  }

  #warnOfChanges(): void {
    const { cut, replaced } = this.#cellXml.changes
    const warn = (count: number, kind: string, change: string) => {
      if (count > 0)
        this.#warn({
          code: 'WARN_TEXT_CHANGED',
          message: `toXlsx: ${describeCount(count, 'text')} ${kind}: ${change}`,
        })
    }
    warn(
      cut,
      `of more than ${formatLimit(MAX_CELL_LENGTH)} characters`,
      'the end was cut off, because a cell of Excel holds no more',
    )
    warn(replaced, 'with characters that a workbook cannot hold', 'they were replaced by U+FFFD')
    const types = this.#numberDetectors.flatMap(({ id, type }) => (type === undefined ? [] : [`${id}=${type}`]))
    for (const warning of [this.plan.localDates.createWarning('toXlsx'), createNumbersWarning(types)])
      if (warning) this.#warn(warning)
  }
}

function createNumbersWarning(types: readonly string[]): WorkbookWarning | undefined {
  if (types.length === 0) return undefined
  const message = `toXlsx: columns whose values are all numbers stayed text, so that 1.50 keeps its zero; to make them numbers, give types (--types '${types.join(',')}')`
  return { code: 'WARN_NUMBERS_AS_TEXT', message }
}

const formatLimit = (limit: number) => limit.toLocaleString('en-US')

const getSheetFile = (index: number) => `sheet${index + 1}.xml`
const getEventFile = (index: number) => `events${index + 1}.xml`

/** The sheets of events. The first `sampleSize` events decide the types of the columns, and are held until then. */
class EventSheets {
  readonly #plan: WorkbookPlan
  readonly #fields: readonly RepeatedField[]
  readonly #cellXml: CellXml
  readonly #spool = new Spool()
  readonly #figures: EntryFigures[] = []
  #table: TableSheets | undefined
  readonly #heldEvents: Row[] = []
  #eventCount = 0

  constructor(plan: WorkbookPlan, fields: readonly RepeatedField[], cellXml: CellXml) {
    this.#plan = plan
    this.#fields = fields
    this.#cellXml = cellXml
  }

  async addRecords(records: readonly RecordOrRow[]): Promise<void> {
    for (const record of records)
      for (const event of createPlainEventRows(record, this.#fields)) {
        if (this.#table) await this.#table.addRow(event, ++this.#eventCount)
        else if (this.#heldEvents.push(event) >= this.#plan.columnPlan.sampleSize) await this.#beginTable()
      }
  }

  async addTo(zip: ZipWriter): Promise<TableSheets> {
    const table = this.#table ?? (await this.#beginTable())
    await table.close()
    const frames = this.#spool.readFrames()
    let frame = await frames.next()
    for (const [index, figures] of this.#figures.entries()) {
      const readPart = async function* () {
        for (; frame.done !== true && frame.value.tag === index; frame = await frames.next()) yield frame.value.bytes
      }
      await zip.addDeflated(`xl/worksheets/${getEventFile(index)}`, figures, readPart())
    }
    return table
  }

  async dispose(): Promise<void> {
    this.#table?.destroy()
    await this.#spool.dispose()
  }

  async #beginTable(): Promise<TableSheets> {
    const events = this.#heldEvents.splice(0)
    const { typePlan, sheetRows, localDates } = this.#plan
    const ids = [...fixedEventColumns, ...this.#fields.map(({ id }) => id)]
    const columns = ids.map((id) => decideSheetType({ id, name: id, read: createPropertyReader(id) }, events, typePlan))
    const table = (this.#table = new TableSheets({
      columns: columns.map((column) => createSheetColumn(column, this.#cellXml, localDates)),
      cellXml: this.#cellXml,
      sheetRows,
      openPart: (index) => this.#openPart(index),
    }))
    for (const event of events) await table.addRow(event, ++this.#eventCount)
    return table
  }

  #openPart(index: number): SheetPart {
    const deflater = new Deflater((bytes) => this.#spool.write(index, bytes))
    return { deflater, close: async () => void this.#figures.push(await deflater.end()) }
  }
}
