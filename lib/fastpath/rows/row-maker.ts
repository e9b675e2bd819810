// Makes rows from the records of a page without objects: the cells of a row are spans of the page. Which span is which cell is found once
// for each record layout, by the function that makes rows from objects, `createRows`: it gets a record in which each value is the number
// of its slot, as a bigint. A bigint in a cell of its row is then the slot of this cell.
import type { JsonValue, RecordOrRow } from '../../shared/types.js'
import { ArrayScanner } from '../scan/array-scanner.js'
import { OPEN_BRACKET } from '../../shared/ascii.js'
import { memoize } from '../../shared/memoize.js'
import { plainMapping } from '../../spans/key-mapping.js'
import { RecordLayout } from '../../spans/record-layout.js'
import { RecordSpans } from '../../spans/record-spans.js'
import { NESTED, NULL } from '../../spans/span.js'
import { RecordTable, SpanTable } from '../../spans/span-table.js'

export interface RowMakerOptions {
  /** The field with the list whose elements may be rows. */
  readonly field: string
  /**
   * Returns the rows of a record:
   * - no list: the record itself, another row, or none
   * - an empty list: at most one row
   * - a list with elements: at most one row for each
   *
   * The function copies values, and checks only whether they are missing, null, lists or objects. It must not add a bigint. If it adds
   * another value of its own, except null, {@link RowMaker.makeRows} returns undefined, and the rows of all its records are made from
   * objects.
   */
  readonly createRows: (record: RecordOrRow) => readonly RecordOrRow[]
}

/**
 * How a row is made: its layout, and for each cell a slot. A slot below the `valueCount` of the record is a slot of the record;
 * `valueCount + n` is slot n of the element; NULL_SLOT is a null cell.
 */
interface RowPlan {
  readonly layoutId: number
  readonly slots: Int32Array
}

/** How records of one layout become rows; undefined means no row, `'objects'` means that the rows must be made from objects. */
interface LayoutPlan {
  readonly listSlot: number
  readonly planWithoutList: RowPlan | 'objects' | undefined
  readonly planForEmptyList: RowPlan | 'objects' | undefined
  readonly getElementPlan: (elementLayout: RecordLayout) => RowPlan | 'objects' | undefined
  /** True if a record without a list is its own row. */
  readonly isOwnRow: boolean
}

const NULL_SLOT = -1

export class RowMaker {
  readonly #options: RowMakerOptions
  readonly #scanner = new ArrayScanner(plainMapping)
  readonly #elements = new RecordSpans()
  readonly #layouts: RecordLayout[] = []
  readonly #layoutIds = new Map<RecordLayout | string, number>()
  readonly #getLayoutPlan = memoize((layout: RecordLayout) => this.#planLayout(layout))

  constructor(options: RowMakerOptions) {
    this.#options = options
  }

  /** Returns the rows of records, or undefined if the rows must be made from objects. */
  makeRows(pageRecords: RecordSpans): RecordSpans | undefined {
    const records = pageRecords.unwrapLists()
    const starts = this.#findLists(records)
    const isOwnRow = ({ layout }: { layout: RecordLayout }) => this.#getLayoutPlan(layout).isOwnRow
    if (starts.length === 0 && records.listLayoutRuns().every(isOwnRow)) return records
    const elements = this.#elements.reset(records.bytes)
    const counts = this.#scanner.scanLists(elements, starts, records.ends[records.length - 1]!)
    if (!counts) return undefined
    const rows = new RowTable(records, elements)
    const isComplete = this.#addRows(rows, records, starts, counts)
    return isComplete ? rows.finish(this.#layouts) : undefined
  }

  /** Adds the rows of all records. Returns false if a row must be made from an object. */
  #addRows(rows: RowTable, records: RecordSpans, starts: Int32Array, counts: Int32Array): boolean {
    let list = 0
    let element = 0
    for (let record = 0; record < records.length; record++) {
      const plan = this.#getLayoutPlan(records.getLayout(record))
      const hasList = records.starts[record]! <= starts[list]! && starts[list]! < records.ends[record]!
      const end = hasList ? element + counts[list++]! : element
      if (element === end && !rows.addUnlessObjects(hasList ? plan.planForEmptyList : plan.planWithoutList, record, 0))
        return false
      for (; element < end; element++)
        if (!rows.addUnlessObjects(plan.getElementPlan(this.#elements.getLayout(element)), record, element))
          return false
    }
    return true
  }

  #findLists(records: RecordSpans): Int32Array {
    const { bytes } = records
    const starts = new Int32Array(records.length)
    let length = 0
    for (const { layout, from, to } of records.listLayoutRuns()) {
      const { listSlot } = this.#getLayoutPlan(layout)
      for (let record = from; record < to && listSlot >= 0; record++) {
        const { start, flags } = records.getSpan(record, listSlot)
        if ((flags & NESTED) !== 0 && bytes[start] === OPEN_BRACKET) starts[length++] = start
      }
    }
    return starts.subarray(0, length)
  }

  #planLayout(layout: RecordLayout): LayoutPlan {
    const { field, createRows } = this.#options
    const slotRecord = toBigintSlots(layout.slotRecord)
    const isOwnRow = createRows(slotRecord)[0] === slotRecord
    return {
      listSlot: layout.getSlot(field),
      planWithoutList: isOwnRow
        ? this.#createRowPlan(layout, layout, layout.columnIds.keys())
        : this.#planRow(slotRecord),
      planForEmptyList: this.#planRow({ ...slotRecord, [field]: [] }),
      getElementPlan: memoize((elementLayout) => {
        const element = toBigintSlots(elementLayout.slotRecord, layout.valueCount) as JsonValue
        return this.#planRow({ ...slotRecord, [field]: [element] })
      }),
      isOwnRow,
    }
  }

  #planRow(slotRecord: RecordOrRow): RowPlan | 'objects' | undefined {
    const [row] = this.#options.createRows(slotRecord)
    if (row === undefined) return undefined
    const cells: unknown[] = Object.values(row)
    if (!cells.every((cell) => typeof cell === 'bigint' || cell === null)) return 'objects'
    const names = Object.keys(row)
    const rowLayout = this.#layouts[this.#layoutIds.get(JSON.stringify(names)) ?? -1] ?? createRowLayout(names)
    const slots = cells.map((cell) => Number(cell ?? NULL_SLOT))
    return this.#createRowPlan(rowLayout, JSON.stringify(names), slots)
  }

  #createRowPlan(layout: RecordLayout, key: RecordLayout | string, slots: Iterable<number>): RowPlan {
    const layoutId = this.#layoutIds.get(key) ?? this.#layouts.push(layout) - 1
    this.#layoutIds.set(key, layoutId)
    return { layoutId, slots: Int32Array.from(slots) }
  }
}

const createRowLayout = (names: readonly string[]) =>
  new RecordLayout(names, false, Object.fromEntries(names.map((name, slot) => [name, slot])), true)

/** Returns a copy of a record of slots, or of a part of one, whose slots are bigints: the number of the slot plus `first`. */
function toBigintSlots<T>(part: T, first = 0): T {
  if (typeof part === 'number') return BigInt(part + first) as T
  if (Array.isArray(part)) return part.map((slot) => toBigintSlots<unknown>(slot, first)) as T
  return Object.fromEntries(Object.entries(part as object).map(([key, slot]) => [key, toBigintSlots(slot, first)])) as T
}

class RowTable {
  readonly #records: RecordSpans
  readonly #elements: RecordSpans
  readonly #recordTable: RecordTable
  readonly #valueTable: SpanTable

  constructor(records: RecordSpans, elements: RecordSpans) {
    this.#records = records
    this.#elements = elements
    this.#recordTable = new RecordTable(Math.max(records.length, elements.length))
    this.#valueTable = new SpanTable(0)
  }

  /** Adds the row of a plan; without a plan there is no row. Returns false if the row must be made from an object. */
  addUnlessObjects(plan: RowPlan | 'objects' | undefined, record: number, element: number): boolean {
    if (typeof plan === 'object') this.#add(plan, record, element)
    return plan !== 'objects'
  }

  #add({ layoutId, slots }: RowPlan, record: number, element: number): void {
    const { recordTable, valueTable } = this.#records
    const elementTable = this.#elements.valueTable
    const rows = this.#recordTable
    const values = this.#valueTable
    rows.reserve(1)
    const row = rows.length++
    rows.layoutIds[row] = layoutId
    rows.valueOffsets[row] = values.length
    rows.starts[row] = recordTable.starts[record]!
    rows.ends[row] = recordTable.ends[record]!
    rows.flags[row] = recordTable.flags[record]!
    // most rows have as many cells as the first one
    values.reserve(row === 0 ? slots.length * rows.flags.length : slots.length)
    const { starts, ends, flags } = values
    const { valueCount } = this.#records.getLayout(record)
    const firstOfRecord = recordTable.valueOffsets[record]!
    const firstOfElement = this.#elements.valueOffsets[element]! - valueCount
    let to = values.length
    for (let cell = 0; cell < slots.length; cell++, to++) {
      const slot = slots[cell]!
      const table = slot < valueCount ? valueTable : elementTable
      const span = slot < valueCount ? firstOfRecord + slot : firstOfElement + slot
      starts[to] = slot < 0 ? 0 : table.starts[span]!
      ends[to] = slot < 0 ? 0 : table.ends[span]!
      flags[to] = slot < 0 ? NULL : table.flags[span]!
    }
    values.length = to
  }

  finish(layouts: readonly RecordLayout[]): RecordSpans {
    const rows = new RecordSpans(this.#records.bytes, this.#recordTable, this.#valueTable)
    rows.layouts = layouts
    return rows
  }
}
