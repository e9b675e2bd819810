// A record layout is what similar records have in common: their keys in order, and the bytes between their values. It is read
// from one record and then verified with JSON.parse.
import { isJsonObject } from '../shared/json/json.js'
import { MISSING_SLOT } from './column-slots.js'
import { nestedFields } from '../shared/reports/nested-fields.js'
import { canBeGroup } from '../shared/reports/report-kinds.js'
import type { Cell, Row } from '../shared/types.js'
import { CLOSE_BRACE, OPEN_BRACE, OPEN_BRACKET, skipSpace, JsonWalker } from '../shared/json/json-walker.js'

/** A value of a record, and the bytes between the previous value and this one. */
export interface LayoutStep {
  readonly literal: Buffer
  /** True for a nested field whose value is no object here. With an object here the layout is another one. */
  readonly isNeverObject: boolean
  /** True if the value is a list in every record of the layout. */
  readonly isAlwaysList: boolean
  readonly columnId: string | undefined
}

export class RecordLayout {
  readonly valueCount: number
  /** For each value, the prefixed name of its column; `undefined` if the value has no column. */
  readonly columnIds: readonly (string | undefined)[]
  /** True if JSON.stringify would write the same bytes between the values. */
  readonly isCanonical: boolean
  /**
   * The record of slots: an object with the keys and the nesting of the records, whose values are slots. The result that a function
   * has for it shows the result for every record of the layout, if the function does not look at values.
   */
  readonly slotRecord: Row
  /** True for rows that were made from records: their values are not in one JSON object. */
  readonly isMade: boolean
  /** The slots of the steps with `isAlwaysList`. If such a list has one element, that element is the cell. */
  readonly listSlots: readonly number[]
  #withoutListSlots: RecordLayout | undefined
  readonly #slots: ReadonlyMap<string | undefined, number>
  #lastColumnId: string | undefined
  #lastSlot = MISSING_SLOT

  constructor(
    columnIds: readonly (string | undefined)[],
    isCanonical: boolean,
    slotRecord: Row,
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
   * The layout of the records after {@link RecordSpans.unwrapLists}; its `listSlots` are empty. Its record of slots has `[3]` in
   * place of a list slot 3: `toOutputCell` makes 3 of it again, so the reader of a column still finds the slot.
   */
  get withoutListSlots(): RecordLayout {
    if (this.listSlots.length === 0) return this
    const replaceListSlots = (slot: Cell): Cell => {
      if (isJsonObject(slot))
        return Object.fromEntries(Object.entries(slot).map(([key, inner]) => [key, replaceListSlots(inner)])) as Cell
      return this.listSlots.includes(slot as number) ? [slot as number] : slot
    }
    return (this.#withoutListSlots ??= new RecordLayout(
      this.columnIds,
      this.isCanonical,
      replaceListSlots(this.slotRecord as Cell) as Row,
    ))
  }

  /** True if records of this layout may be groups of a hyper-map report. Whether they are depends on their values. */
  get canBeGroup(): boolean {
    return canBeGroup((field) => this.getSlot(field) >= 0)
  }

  /** Returns the slot of a column, or MISSING_SLOT if the layout does not have the column. */
  getSlot(columnId: string): number {
    if (columnId !== this.#lastColumnId) {
      this.#lastColumnId = columnId
      this.#lastSlot = this.#slots.get(columnId) ?? MISSING_SLOT
    }
    return this.#lastSlot
  }
}

/** A layout, the steps through a record, and the bytes after its last value. */
export interface LayoutTemplate {
  readonly layout: RecordLayout
  readonly steps: readonly LayoutStep[]
  readonly tail: Buffer
}

/** How the keys of an object become columns. */
export interface KeyMapping {
  readonly getColumnId: (key: string) => string | undefined
  /** Returns the mapping for the keys of an object under this key, or `undefined` if the object is one value. */
  readonly getNestedMapping: (key: string) => KeyMapping | undefined
  /** The key that the object must have. */
  readonly requiredKey?: string
  /** The key whose value must be a list. */
  readonly listKey?: string
}

const noNestedMapping = () => undefined

export const plainMapping: KeyMapping = { getColumnId: (key) => key, getNestedMapping: noNestedMapping }

/** Returns a mapping for entries such as `{"name":"Start","value":0}`: the `value` is a column, other keys are not. */
const createEntryMapping = (id: string): KeyMapping => ({
  getColumnId: (key) => (key === 'value' ? id : undefined),
  getNestedMapping: noNestedMapping,
  requiredKey: 'value',
})

/** Returns a mapping for entries such as `{"id":"clause","values":["a"]}`: the `values` are a column, other keys are not. */
const createListEntryMapping = (id: string): KeyMapping => ({
  getColumnId: (key) => (key === 'values' ? id : undefined),
  getNestedMapping: noNestedMapping,
  requiredKey: 'values',
  listKey: 'values',
})

const fieldMappings: ReadonlyMap<string, KeyMapping> = new Map(
  nestedFields.map(({ field, prefix, cellSource }) => {
    const nestedMappings = {
      entry: noNestedMapping,
      value: (key: string) => createEntryMapping(prefix + key),
      onlyValue: (key: string) => createListEntryMapping(prefix + key),
    }
    return [field, { getColumnId: (key) => prefix + key, getNestedMapping: nestedMappings[cellSource] }]
  }),
)

/** The mapping for records of the API: every key is a column, except nested fields, whose keys are columns. */
export const recordMapping: KeyMapping = {
  getColumnId: (key) => key,
  getNestedMapping: (key) => fieldMappings.get(key),
}

/**
 * Returns the layout of the object at `at` with its steps. Returns `undefined` if there is no object, or if no layout can describe the
 * object: for example if it has a duplicate key, two values for one column, or an entry without `value`.
 */
export function readLayoutTemplate(bytes: Buffer, at: number, mapping: KeyMapping): LayoutTemplate | undefined {
  const end = bytes[at] === OPEN_BRACE ? new JsonWalker().skipValue(bytes, at) : -1
  if (end < 0) return undefined
  const reader = new TemplateReader(bytes, at)
  reader.readObject(at, mapping)
  const { steps, isUnsupported } = reader
  const tail = Buffer.from(bytes.subarray(reader.literalStart, end))
  const columnIds = steps.map(({ columnId }) => columnId)
  const knownIds = columnIds.filter((id) => id !== undefined)
  if (isUnsupported || new Set(knownIds).size < knownIds.length) return undefined
  const text = steps.map(({ literal }, slot) => `${literal.toString()}${slot}`).join('') + tail.toString()
  const parsed = JSON.parse(text) as Row
  if (countValues(parsed) !== steps.length) return undefined
  const listSlots = steps.flatMap(({ isAlwaysList }, slot) => (isAlwaysList ? [slot] : []))
  const layout = new RecordLayout(columnIds, JSON.stringify(parsed) === text, parsed, false, listSlots)
  return { layout, steps, tail }
}

/** Returns the number of values that are not objects, at any depth. */
function countValues(parsed: unknown): number {
  if (!isJsonObject(parsed)) return 1
  return Object.values(parsed).reduce<number>((sum, value) => sum + countValues(value), 0)
}

/** Reads the steps of a record that is valid JSON. */
class TemplateReader {
  readonly steps: LayoutStep[] = []
  literalStart: number
  isUnsupported = false
  readonly #bytes: Buffer
  readonly #walker = new JsonWalker()

  constructor(bytes: Buffer, at: number) {
    this.#bytes = bytes
    this.literalStart = at
  }

  /** Reads the object at `at` and returns its end. */
  readObject(at: number, mapping: KeyMapping): number {
    const seen = new Set<string>()
    let end = skipSpace(this.#bytes, at + 1)
    while (this.#bytes[end] !== CLOSE_BRACE) {
      const key = this.#readKey(end)
      seen.add(key)
      end = skipSpace(this.#bytes, this.#readValue(this.#walker.skipKey(this.#bytes, end), key, mapping))
      if (this.#bytes[end] !== CLOSE_BRACE) end = skipSpace(this.#bytes, end + 1)
    }
    if (mapping.requiredKey !== undefined && !seen.has(mapping.requiredKey)) this.isUnsupported = true
    return end + 1
  }

  #readValue(at: number, key: string, mapping: KeyMapping): number {
    const nested = mapping.getNestedMapping(key)
    if (this.#bytes[at] === OPEN_BRACE && nested !== undefined) return this.readObject(at, nested)
    const isAlwaysList = key === mapping.listKey
    if (isAlwaysList && this.#bytes[at] !== OPEN_BRACKET) this.isUnsupported = true
    const literal = Buffer.from(this.#bytes.subarray(this.literalStart, at))
    const columnId = mapping.getColumnId(key)
    this.steps.push({ literal, isNeverObject: nested !== undefined, isAlwaysList, columnId })
    this.literalStart = this.#walker.skipValue(this.#bytes, at)
    return this.literalStart
  }

  #readKey(at: number): string {
    return JSON.parse(this.#bytes.toString('utf8', at, this.#walker.skipText(this.#bytes, at))) as string
  }
}
