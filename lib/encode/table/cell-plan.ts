// Decides for a record layout which values become the cells of a row. The columns read the record of slots as they would read a record.
import { MISSING_SLOT, OBJECT_SLOT } from '../../spans/column-slots.js'
import type { RecordLayout } from '../../spans/record-layout.js'
import type { ObjectCell } from '../../spans/object-cell.js'
import { isJsonObject } from '../../shared/json/json.js'
import { isNestedField } from '../../shared/reports/nested-fields.js'
import type { RecordOrRow } from '../../shared/types.js'
import type { Column } from '../../schema/column.js'

export interface CellPlan {
  /** For each column its slot, MISSING_SLOT or OBJECT_SLOT. */
  readonly columnSlots: Int32Array
  /** By the index of the column, for each OBJECT_SLOT. */
  readonly objectCells: ReadonlyMap<number, ObjectCell>
}

/**
 * Returns the plan. Returns undefined if the layout of a record does not decide its cells, in two cases:
 * - The value of a nested field such as `variables` is not an object. Then the field is a column, unless the value is null.
 * - The column is an object with a list, such as an output in the overflow column. There a list of one element must stay a list, but
 *   `RecordSpans.unwrapLists` has replaced it by the element. The record of slots has a list there, from `RecordLayout.unwrapped`.
 */
export function createCellPlan(
  { columnIds, slotRecord }: RecordLayout,
  columns: readonly Column[],
): CellPlan | undefined {
  if (columnIds.some((id) => id !== undefined && isNestedField(id))) return undefined
  const objectCells = new Map<number, ObjectCell>()
  const columnSlots = new Int32Array(columns.length)
  for (const [index, column] of columns.entries()) {
    const cell = column.read(slotRecord)
    if (typeof cell === 'number') columnSlots[index] = cell
    else if (cell === undefined || cell === null) columnSlots[index] = MISSING_SLOT
    else if (!isObjectOfSlots(cell)) return undefined
    else {
      columnSlots[index] = OBJECT_SLOT
      objectCells.set(index, { slotRecord: cell, isSparse: column.isOverflow ?? false })
    }
  }
  return { columnSlots, objectCells }
}

/** True for an object whose values are slots or such objects; false if a value is a list of `RecordLayout.unwrapped`. */
const isObjectOfSlots = (cell: unknown): cell is RecordOrRow =>
  isJsonObject(cell) && Object.values(cell).every((value) => typeof value === 'number' || isObjectOfSlots(value))
