// Collects rows into row groups, or into record batches of Arrow, until the group has enough rows or bytes.
import { ExportError } from '../../shared/errors.js'
import { getCellDigits } from '../../schema/column.js'
import { readObjectCell, type ObjectCell } from '../../spans/object-cell.js'
import type { RecordSpans, PlannedRun } from '../../spans/record-spans.js'
import type { RecordOrRow } from '../../shared/types.js'
import { TimeSlicer } from '../time-slicer.js'
import { createCellTypeError } from './cell-type-error.js'
import type { TypedColumn } from './decide-column-type.js'
import type { ColumnEngine, SpanColumnWriter } from './column-engine.js'
import { createCountedBytesBound } from './counted-bytes-bound.js'

export interface RowGroupPlan {
  readonly where: string
  readonly engine: string
  readonly rowGroupRows: number
  readonly rowGroupBytes: number
}

export interface RowGroupStats {
  rowGroups: number
}

/** Cells between two clock checks: a few milliseconds of work, even before V8 has compiled the code. */
const CELLS_PER_CLOCK_CHECK = 5000

export class RowGroupWriter {
  readonly #plan: RowGroupPlan
  readonly #stats: RowGroupStats
  readonly #columns: readonly TypedColumn[]
  readonly #engine: ColumnEngine
  readonly #boundCountedBytes: (records: number, jsonBytes: number) => number
  #rows = 0
  #countedBytes = 0
  #cellsSinceCheck = 0
  readonly #timeSlicer = new TimeSlicer()

  constructor(plan: RowGroupPlan, stats: RowGroupStats, columns: readonly TypedColumn[], engine: ColumnEngine) {
    this.#plan = plan
    this.#stats = stats
    this.#columns = columns
    this.#engine = engine
    this.#boundCountedBytes = createCountedBytesBound(columns)
  }

  async append(rows: readonly RecordOrRow[], firstRowNumber: number): Promise<void> {
    for (const [index, row] of rows.entries()) {
      this.#appendRow(row, firstRowNumber + index)
      if (this.#isCheckDue) await this.#writeOrYield()
    }
  }

  /**
   * Appends the records of each run, one column after another. {@link #findAppendEnd} ends a block at the latest with the record
   * that may fill the row group. So the group ends where {@link append} would end it.
   */
  async appendRuns(runs: readonly PlannedRun[], firstRowNumber: number): Promise<void> {
    let rowNumber = firstRowNumber
    for (const run of runs)
      for (let from = run.from; from < run.to;) {
        const to = this.#engine.loadBlock!(run.spans, from, this.#findAppendEnd(run, from))
        this.#appendBlock(run, from, to, rowNumber - from)
        if (this.#isCheckDue) await this.#writeOrYield()
        rowNumber += to - from
        from = to
      }
  }

  async finish(): Promise<void> {
    if (this.#rows > 0) await this.#write()
    await this.#callEngine(() => this.#engine.finish())
  }

  #appendRow(row: RecordOrRow, rowNumber: number): void {
    const { columnWriters } = this.#engine
    let index = 0
    try {
      for (; index < columnWriters.length; index++) {
        const column = this.#columns[index]!
        const cell = column.read(row)
        const bytes = columnWriters[index]!.append(
          cell,
          0,
          typeof cell === 'number' ? getCellDigits(column, row) : undefined,
        )
        if (bytes === undefined) throw createCellTypeError(this.#plan.where, `row ${rowNumber}`, column, cell)
        this.#countedBytes += bytes
      }
    } catch (error) {
      throw this.#explainTrap(error, rowNumber, index)
    }
    this.#rows++
    this.#cellsSinceCheck += columnWriters.length
  }

  /** Returns the end of the next block. A block has at least one record. */
  #findAppendEnd({ spans, to }: PlannedRun, from: number): number {
    const { rowGroupRows, rowGroupBytes } = this.#plan
    const maxRecords = Math.min(
      to - from,
      rowGroupRows - this.#rows,
      Math.ceil(CELLS_PER_CLOCK_CHECK / this.#columns.length),
    )
    const bytesLeft = rowGroupBytes - this.#countedBytes
    let records = maxRecords
    while (records > 1 && this.#boundCountedBytes(records, spans.countBytes(from, from + records)) >= bytesLeft)
      records = Math.floor(records / 2)
    return from + records
  }

  /** @param rowNumberOffset the row number of a record is its index plus this */
  #appendBlock(run: PlannedRun, from: number, to: number, rowNumberOffset: number): void {
    const { spans, columnSlots, objectCells } = run
    const columnWriters = this.#engine.spanColumnWriters!
    let failingColumn = -1
    let end = to
    let index = 0
    try {
      for (; index < columnWriters.length; index++) {
        const [writer, object] = [columnWriters[index]!, objectCells?.get(index)]
        const reached = object
          ? this.#appendObjects(writer, object, spans, from, end)
          : this.#appendColumn(writer, columnSlots[index]!, spans, from, end)
        if (reached < end) failingColumn = index
        end = reached
      }
    } catch (error) {
      throw this.#explainTrap(error, from + rowNumberOffset, index)
    }
    if (failingColumn >= 0) {
      const object = objectCells?.get(failingColumn)
      const cell = object ? readObjectCell(spans, end, object) : spans.getValue(end, columnSlots[failingColumn]!)
      throw createCellTypeError(this.#plan.where, `row ${end + rowNumberOffset}`, this.#columns[failingColumn]!, cell)
    }
    this.#rows += to - from
    this.#cellsSinceCheck += (to - from) * columnWriters.length
  }

  /** The same as {@link #appendColumn} for a column of objects. */
  #appendObjects(
    columnWriter: SpanColumnWriter,
    cell: ObjectCell,
    spans: RecordSpans,
    from: number,
    to: number,
  ): number {
    if (columnWriter.appendObjects) {
      const appended = columnWriter.appendObjects(spans, cell, from, to)
      this.#countedBytes += appended.bytes
      return appended.to
    }
    for (let record = from; record < to; record++) {
      const bytes = columnWriter.append(readObjectCell(spans, record, cell))
      if (bytes === undefined) return record
      this.#countedBytes += bytes
    }
    return to
  }

  /** Returns `to`, or the first record whose value does not fit. */
  #appendColumn(columnWriter: SpanColumnWriter, slot: number, spans: RecordSpans, from: number, to: number): number {
    const { bytes: source, valueOffsets, valueTable } = spans
    for (let record = from; record < to; record++) {
      if (slot >= 0 && columnWriter.appendSpans) {
        const appended = columnWriter.appendSpans(spans, slot, record, to)
        this.#countedBytes += appended.bytes
        record = appended.to
        if (record === to) break
      }
      const value = valueOffsets[record]! + slot
      const bytes =
        slot < 0
          ? columnWriter.append(undefined)
          : columnWriter.appendSpan(
              source,
              valueTable.starts[value]!,
              valueTable.ends[value]!,
              valueTable.flags[value]!,
            )
      if (bytes === undefined) return record
      this.#countedBytes += bytes
    }
    return to
  }

  /** A trap of WebAssembly means that the memory of the kernel is full. */
  #explainTrap(error: unknown, row: number, column: number): unknown {
    if (!isTrap(error)) return error
    const id = JSON.stringify(this.#columns[column]!.id)
    const remedy = 'leave the column out with omit, or lower rowGroupBytes'
    const text = `the values of a row group are larger than 1 GiB, which is more than the encoder can hold; ${remedy}`
    return new ExportError('ERR_ENCODE', `${this.#plan.where}: row ${row} or a later one: column ${id}: ${text}`, {
      cause: error,
    })
  }

  get #isFull(): boolean {
    return this.#rows >= this.#plan.rowGroupRows || this.#countedBytes >= this.#plan.rowGroupBytes
  }

  get #isCheckDue(): boolean {
    return this.#isFull || this.#cellsSinceCheck >= CELLS_PER_CLOCK_CHECK
  }

  async #writeOrYield(): Promise<void> {
    if (this.#isFull) await this.#write()
    this.#cellsSinceCheck = 0
    await this.#timeSlicer.yieldIfDue()
  }

  async #write(): Promise<void> {
    const rows = this.#rows
    this.#rows = 0
    this.#countedBytes = 0
    await this.#callEngine(() => this.#engine.writeGroup(rows))
    this.#stats.rowGroups++
  }

  async #callEngine(work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (cause) {
      throw new ExportError('ERR_ENCODE', `${this.#plan.where}: ${this.#describeFailure(cause)}`, { cause })
    }
  }

  /** The engine parquetjs-lite throws strings. */
  #describeFailure(cause: unknown): string {
    if (isTrap(cause)) {
      const group = `row group ${this.#stats.rowGroups + 1}`
      return `${group}: its values or its compressed pages need more memory than WebAssembly has; lower rowGroupBytes or rowGroupRows`
    }
    return `${this.#plan.engine}: ${cause instanceof Error ? cause.message : String(cause)}`
  }
}

const isTrap = (error: unknown): boolean => error instanceof Error && error.name === 'RuntimeError'
