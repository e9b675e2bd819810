// Writes rows through the kernel: from the bytes of records, or from the texts of cells.
import type { Column } from '../../../schema/column.js'
import { OBJECT_SLOT } from '../../../spans/column-slots.js'
import { formatObjectCell } from '../../../spans/object-cell.js'
import type { PlannedRun, RecordSpans } from '../../../spans/record-spans.js'
import { DIGITS, ESCAPED, NON_CANONICAL, NESTED, NULL, TEXT } from '../../../spans/span.js'
import type { RecordOrRow } from '../../../shared/types.js'
import { CsvKernel } from '../../../fastpath/csv/csv-kernel.js'
import type { CellChange, CsvColumn } from '../cells/cell-change.js'
import type { RowFormatter } from './row-formatter.js'
import type { RowWriter } from './row-writer.js'
import type { Dialect } from '../dialect.js'
import {
  EMPTY_TEXT,
  TEXT_UNLESS_PLACEHOLDER,
  NEEDS_VALUE,
  OFFSET_DATE_TIME,
  COPIED_TEXT,
  NULL_CELL,
  ESCAPED_TEXT,
  JSON_TEXT,
  NULL_CELL_LENGTH,
} from '../../../fastpath/csv/kernel/csv-kernel-memory.js'

/** The kernel gets at most this many rows of objects in one call. */
const MAX_JOINED_ROWS = 64
/** A call gets no further row if its texts have this many UTF-16 units. */
const JOIN_LIMIT_UNITS = 16 * 1024
/** If the texts have more units, because of a very large row, they are not copied into the memory of the kernel. */
const MAX_KERNEL_UNITS = 512 * 1024

/** Only for dialects that change no text and have a delimiter of one byte. */
export class WasmRowWriter implements RowWriter {
  readonly #kernel: CsvKernel
  readonly #formatter: RowFormatter
  /** The columns whose tables of actions the kernel has. */
  #columns: readonly Column[] | undefined
  #textLengths = new Int32Array(0)

  private constructor(kernel: CsvKernel, formatter: RowFormatter) {
    this.#kernel = kernel
    this.#formatter = formatter
  }

  /** Returns undefined if the kernel cannot write the dialect, or if the fast path is off or unavailable. */
  static open(formatter: RowFormatter): WasmRowWriter | undefined {
    const { dialect, mayHaveLateColumns } = formatter
    const { delimiter, eol, nullValue, quote } = dialect
    if (delimiter.length > 1 || delimiter > '\x7f' || hasTextChanges(dialect)) return undefined
    const kernel = CsvKernel.open({
      delimiter: delimiter.charCodeAt(0),
      crlf: eol === '\r\n',
      nullValue: Buffer.from(nullValue),
      quoteBlankLine: !mayHaveLateColumns,
      quoteAll: quote === 'always',
      actionTables: changeKinds.map((kind) =>
        Uint8Array.from({ length: 256 }, (_, flags) => selectActionOfChange(flags, kind) ?? selectAction(flags)),
      ),
    })
    return kernel && new WasmRowWriter(kernel, formatter)
  }

  *write(rows: readonly RecordOrRow[], columns: readonly Column[], firstRowNumber: number): Generator<Buffer> {
    for (let from = 0; from < rows.length;) {
      const { texts, end } = this.#joinRows(rows, from, columns, firstRowNumber)
      const lengths = this.#textLengths.subarray(0, (end - from) * columns.length)
      if (texts.length <= MAX_KERNEL_UNITS) from += this.#kernel.putTexts(texts, lengths, end - from)
      if (from < end) {
        yield* this.takePending()
        yield Buffer.from(this.#formatter.formatRow(rows[from]!, columns, firstRowNumber + from))
        from++
      } else if (this.#kernel.isFull) yield* this.takePending()
    }
  }

  *writeSpans(runs: readonly PlannedRun[], columns: readonly Column[], firstRowNumber: number): Generator<Buffer> {
    let rowNumber = firstRowNumber
    for (const run of runs) {
      yield* this.#writeRun(run, columns, rowNumber - run.from)
      rowNumber += run.to - run.from
    }
  }

  takePending(): readonly Buffer[] {
    return this.#kernel.takeAll()
  }

  /** Joins the texts of the cells of rows from `from` up to, not including, `end`. Stores the length of each text in `#textLengths`. */
  #joinRows(
    rows: readonly RecordOrRow[],
    from: number,
    columns: readonly Column[],
    firstRowNumber: number,
  ): { texts: string; end: number } {
    const maxEnd = Math.min(rows.length, from + MAX_JOINED_ROWS)
    if (this.#textLengths.length < (maxEnd - from) * columns.length)
      this.#textLengths = new Int32Array(MAX_JOINED_ROWS * columns.length)
    const textLengths = this.#textLengths
    let texts = ''
    let end = from
    for (let at = 0; end < maxEnd && texts.length < JOIN_LIMIT_UNITS; end++)
      for (const column of columns) {
        const text = this.#formatter.getCellText(rows[end]!, column, firstRowNumber + end)
        textLengths[at++] = text === null ? NULL_CELL_LENGTH : text.length
        if (text !== null) texts += text
      }
    return { texts, end }
  }

  /** @param rowNumberOffset the row number of a record is its index plus this */
  #writeRun(
    { spans, from, to, columnSlots, objectCells }: PlannedRun,
    columns: readonly Column[],
    rowNumberOffset: number,
  ): Generator<Buffer> {
    const kernel = this.#kernel
    if (columns !== this.#columns) {
      this.#columns = columns
      kernel.setActionTableNumbers(
        Uint8Array.from(columns, ({ change }: CsvColumn) => changeKinds.indexOf(change?.kind)),
      )
    }
    return kernel.putRows(spans, from, to, columnSlots, (record, column) => {
      const slot = columnSlots[column]!
      const text =
        slot === OBJECT_SLOT
          ? formatObjectCell(spans, record, objectCells!.get(column)!)
          : this.#readText(spans, record, slot, columns[column]!, record + rowNumberOffset)
      return this.#formatter.quoteCellText(text)
    })
  }

  #readText(spans: RecordSpans, record: number, slot: number, column: CsvColumn, rowNumber: number): string | null {
    const value = spans.getValue(record, slot)
    const cell = column.change ? column.change.apply(value) : value
    const digits = typeof cell === 'number' ? spans.getDigits(record, slot) : undefined
    return digits ?? this.#formatter.formatCellText(cell, column, rowNumber)
  }
}

const hasTextChanges = ({ formulaGuard, emptyAsNull, lineBreaks, spreadsheet }: Dialect) =>
  formulaGuard || emptyAsNull || lineBreaks !== 'keep' || spreadsheet !== undefined

/** The kinds of changes. The index of a kind is the number of its table of actions. */
const changeKinds: readonly (CellChange['kind'] | undefined)[] = [undefined, 'date', 'variable', 'input', 'output']

/** The flags of a missing cell. A value always has a flag, at least that of its type. */
const NO_FLAGS = 0

/** Returns the action that a change requires for cells with these flags, or undefined if the change leaves these cells as they are. */
function selectActionOfChange(flags: number, kind: CellChange['kind'] | undefined): number | undefined {
  if (kind === undefined) return undefined
  if (flags === NO_FLAGS) return kind === 'date' ? NULL_CELL : EMPTY_TEXT
  if (kind === 'date') return flags === TEXT ? OFFSET_DATE_TIME : undefined
  if (kind === 'input') return undefined
  if (kind === 'variable') {
    if ((flags & NESTED) !== 0) return NULL_CELL
    return flags === TEXT ? TEXT_UNLESS_PLACEHOLDER : undefined
  }
  if (flags === NULL) return EMPTY_TEXT
  return (flags & (NESTED | DIGITS)) === 0 ? undefined : NEEDS_VALUE
}

function selectAction(flags: number): number {
  if (flags === NULL) return NULL_CELL
  if ((flags & ESCAPED) !== 0) return ESCAPED_TEXT
  if ((flags & NON_CANONICAL) !== 0) return NEEDS_VALUE
  if ((flags & NESTED) !== 0) return JSON_TEXT
  return COPIED_TEXT
}
