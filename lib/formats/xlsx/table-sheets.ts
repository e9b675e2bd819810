// Writes the rows of one table as sheets. When a sheet is full, the rows continue in the next one.
import { ChunkedOutput } from '../../shared/bytes/chunked-output.js'
import type { RecordOrRow } from '../../shared/types.js'
import { cellStyles, type CellXml } from './cell-xml.js'
import type { Deflater } from './zip-writer.js'

export interface SheetColumn {
  readonly name: string
  readonly format: (reference: string, row: RecordOrRow, rowNumber: number) => string
  /** Returns the length of the text that Excel shows, for the width of the column. */
  readonly measure: (row: RecordOrRow) => number
}

export interface SheetPart {
  readonly deflater: Deflater
  readonly close: () => Promise<void>
}

export interface TableSheetsPlan {
  readonly columns: readonly SheetColumn[]
  readonly cellXml: CellXml
  readonly sheetRows: number
  /** @param index 0 for the first sheet of the table */
  readonly openPart: (index: number) => SheetPart | Promise<SheetPart>
}

/** The number of rows whose texts decide the widths of the columns. */
const MEASURED_ROWS = 100
/** A sheet ends at this size, before its XML is too large for an entry of a ZIP archive. */
const MAX_SHEET_BYTES = 4_000_000_000
const [MIN_WIDTH, MAX_WIDTH] = [8, 60]
/** The width of the button of the filter, in characters. */
const FILTER_WIDTH = 4

export class TableSheets {
  /** The number of rows of each complete sheet. */
  readonly sheetRowCounts: number[] = []
  readonly #plan: TableSheetsPlan
  readonly #output = new ChunkedOutput()
  readonly #letters: readonly string[]
  readonly #heldRows: { readonly row: RecordOrRow; readonly rowNumber: number }[] = []
  #widths: readonly number[] | undefined
  #part: SheetPart | undefined
  #rowsInSheet = 0

  constructor(plan: TableSheetsPlan) {
    this.#plan = plan
    this.#letters = plan.columns.map((_, index) => getColumnLetters(index))
  }

  get lastColumn(): string {
    return this.#letters.at(-1)!
  }

  async append(rows: readonly RecordOrRow[], firstRowNumber: number): Promise<void> {
    for (const [index, row] of rows.entries()) await this.addRow(row, firstRowNumber + index)
  }

  async addRow(row: RecordOrRow, rowNumber: number): Promise<void> {
    if (this.#widths) return this.#writeRow(row, rowNumber)
    this.#heldRows.push({ row, rowNumber })
    if (this.#heldRows.length >= MEASURED_ROWS) await this.#writeHeldRows()
  }

  /** Ends the last sheet. A table without rows has one sheet. */
  async close(): Promise<void> {
    if (!this.#widths) await this.#writeHeldRows()
    this.#part ??= await this.#openSheet()
    await this.#closeSheet(this.#part)
  }

  destroy(): void {
    this.#part?.deflater.destroy()
  }

  async #writeHeldRows(): Promise<void> {
    const rows = this.#heldRows.splice(0)
    this.#widths = this.#plan.columns.map(({ name, measure }) => {
      const length = Math.max(name.length + FILTER_WIDTH, ...rows.map(({ row }) => measure(row)))
      return Math.min(Math.max(length + 1, MIN_WIDTH), MAX_WIDTH)
    })
    for (const { row, rowNumber } of rows) await this.#writeRow(row, rowNumber)
  }

  async #writeRow(row: RecordOrRow, rowNumber: number): Promise<void> {
    const { columns, sheetRows } = this.#plan
    if (this.#part && (this.#rowsInSheet >= sheetRows || this.#part.deflater.size > MAX_SHEET_BYTES))
      await this.#closeSheet(this.#part)
    this.#part ??= await this.#openSheet()
    const sheetRow = String(++this.#rowsInSheet + 1)
    let xml = '<row>'
    for (let index = 0; index < columns.length; index++)
      xml += columns[index]!.format(this.#letters[index]! + sheetRow, row, rowNumber)
    this.#output.add(`${xml}</row>`)
    for (const chunk of this.#output.takeFullChunks()) await this.#part.deflater.write(chunk)
  }

  async #openSheet(): Promise<SheetPart> {
    const { columns, cellXml, openPart } = this.#plan
    const part = await openPart(this.sheetRowCounts.length)
    const widths = this.#widths!.map(
      (width, index) => `<col min="${index + 1}" max="${index + 1}" width="${width}" customWidth="1"/>`,
    )
    const names = columns.map(({ name }, index) =>
      cellXml.formatText(`${this.#letters[index]!}1`, name, cellStyles.header),
    )
    this.#output.add(SHEET_START + widths.join('') + '</cols><sheetData><row>' + names.join('') + '</row>')
    return part
  }

  async #closeSheet({ deflater, close }: SheetPart): Promise<void> {
    const range = `A1:${this.lastColumn}${this.#rowsInSheet + 1}`
    this.#output.add(
      `</sheetData><autoFilter ref="${range}"/><ignoredErrors><ignoredError sqref="${range}" numberStoredAsText="1"/></ignoredErrors></worksheet>`,
    )
    for (const chunk of this.#output.takeAll()) await deflater.write(chunk)
    await close()
    this.sheetRowCounts.push(this.#rowsInSheet)
    this.#part = undefined
    this.#rowsInSheet = 0
  }
}

/** The start of a sheet: the first row stays in view. */
const SHEET_START = [
  '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n',
  '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetViews><sheetView workbookViewId="0">',
  '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/><selection pane="bottomLeft"/>',
  '</sheetView></sheetViews><sheetFormatPr defaultRowHeight="15"/><cols>',
].join('')

/** `A`, `Z`, `AA`. */
export function getColumnLetters(index: number): string {
  let letters = ''
  for (let rest = index + 1; rest > 0; rest = Math.floor((rest - 1) / 26))
    letters = String.fromCharCode(65 + ((rest - 1) % 26)) + letters
  return letters
}
