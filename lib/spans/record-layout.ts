// A record layout is what similar records have in common: their keys in order. The bytes between their values are in the steps of
// `LayoutTemplate`.
import { isJsonObject } from '../shared/json/json.js'
import { canBeGroup } from '../shared/reports/report-kinds.js'
import type { Cell, RecordOrRow } from '../shared/types.js'
import { MISSING_SLOT } from './column-slots.js'

export class RecordLayout {
  readonly valueCount: number
  /** For each value, the prefixed name of its column; `undefined` if the value has no column. */
  readonly columnIds: readonly (string | undefined)[]
  /** True if JSON.stringify would write the same bytes between the values. */
  readonly isCanonical: boolean
  /**
   * The record of slots: an object with the keys and the nesting of the records, whose values are slots. What a function makes of this
   * object, it makes of every record of the layout, if the function does not look at values.
   */
  readonly slotRecord: RecordOrRow
  /** True for rows that were made from records: their values are not in one JSON object. */
  readonly isMade: boolean
  /** The slots of the `values` of outputs, which are a list in every record. If a list has one element, the element is the cell. */
  readonly listSlots: readonly number[]
  #unwrapped: RecordLayout | undefined
  readonly #slots: ReadonlyMap<string | undefined, number>
  #lastColumnId: string | undefined
  #lastSlot = MISSING_SLOT

  constructor(
    columnIds: readonly (string | undefined)[],
    isCanonical: boolean,
    slotRecord: RecordOrRow,
    isMade = false,
    listSlots: readonly number[] = [],
  ) {
    this.valueCount = columnIds.length
    this.columnIds = columnIds
    this.isCanonical = isCanonical
    this.slotRecord = slotRecord
    this.isMade = isMade
    this.listSlots = listSlots
    this.#slots = new Map(columnIds.map((id, slot) => [id, slot]))
  }

  /**
   * The layout of the records after {@link RecordSpans.unwrapLists}; its `listSlots` are empty. In its record of slots, the output
   * `{ id: 1, name: 2, values: 3 }` becomes `{ id: 1, name: 2, values: [3] }`, so that `toOutputCell` (`nested-fields.ts`) returns slot 3,
   * the only element of a list. If `values` is not a list, it returns the whole output.
   */
  get unwrapped(): RecordLayout {
    if (this.listSlots.length === 0) return this
    const replaceListSlots = (slot: Cell): Cell => {
      if (isJsonObject(slot))
        return Object.fromEntries(Object.entries(slot).map(([key, inner]) => [key, replaceListSlots(inner)])) as Cell
      return this.listSlots.includes(slot as number) ? [slot as number] : slot
    }
    return (this.#unwrapped ??= new RecordLayout(
      this.columnIds,
      this.isCanonical,
      replaceListSlots(this.slotRecord as Cell) as RecordOrRow,
    ))
  }

  /** True if records of this layout may be groups of a hyper-map report. Whether they are depends on their values. */
  get canBeGroup(): boolean {
    return canBeGroup((field) => this.getSlot(field) >= 0)
  }

  getSlot(columnId: string): number {
    if (columnId !== this.#lastColumnId) {
      this.#lastColumnId = columnId
      this.#lastSlot = this.#slots.get(columnId) ?? MISSING_SLOT
    }
    return this.#lastSlot
  }
}
