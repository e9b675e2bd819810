// What records of one shape have in common: their keys, in their order, and the bytes between their values. A shape is read
// off one record, and then JSON.parse is asked whether it means what it seems to mean.
import { isJsonObject } from '../../shared/json.js'
import { nestedFields } from '../../shared/reports/nested-fields.js'
import { CLOSE_BRACE, OPEN_BRACE, skipSpace, JsonWalker } from './json-walker.js'

/** A value of a record, and the bytes that lead to it from the value before. */
export interface LayoutStep {
  readonly literal: Buffer
  /** An object in this place would be columns of its own, so a record that has one there is of another shape. */
  readonly isNeverObject: boolean
  /** The prefixed name of its column; undefined where it is no column's. */
  readonly column: string | undefined
}

/** The shape of a record. */
export class RecordLayout {
  /** How many values a record of it has. */
  readonly valueCount: number
  /** The prefixed name of the column behind each value; undefined where a value is no column's. */
  readonly columns: readonly (string | undefined)[]
  /** JSON.stringify would put the same bytes between the values. */
  readonly isCanonical: boolean
  readonly #slots: ReadonlyMap<string | undefined, number>
  #lastColumn: string | undefined
  #lastSlot = -1

  constructor(columns: readonly (string | undefined)[], isCanonical: boolean) {
    this.valueCount = columns.length
    this.columns = columns
    this.isCanonical = isCanonical
    this.#slots = new Map(columns.map((column, slot) => [column, slot]))
  }

  /** The number of a column's value; -1 where the shape has none. */
  getSlot(column: string): number {
    if (column !== this.#lastColumn) {
      this.#lastColumn = column
      this.#lastSlot = this.#slots.get(column) ?? -1
    }
    return this.#lastSlot
  }
}

/** A shape, how to get through a record of it, and the bytes after its last value. */
export interface LayoutTemplate {
  readonly layout: RecordLayout
  readonly steps: readonly LayoutStep[]
  readonly tail: Buffer
}

/** How the keys of an object become columns. */
export interface KeyMapping {
  readonly column: (key: string) => string | undefined
  /** What an object under this key is: a level of its own, one value (undefined), or nothing that a shape can tell. */
  readonly nested: (key: string) => KeyMapping | 'unsupported' | undefined
  /** The key that an object of this level must have. */
  readonly requiredKey?: string
}

const asOneValue = () => undefined

/** Every key is a column. */
export const plainMapping: KeyMapping = { column: (key) => key, nested: asOneValue }

/** An entry such as `{"name":"Start","value":0}` is one column, its value's. */
const createEntryMapping = (id: string): KeyMapping => ({
  column: (key) => (key === 'value' ? id : undefined),
  nested: asOneValue,
  requiredKey: 'value',
})

const fieldMappings: ReadonlyMap<string, KeyMapping> = new Map(
  nestedFields.map(({ field, prefix, cellSource }) => {
    const nested = {
      entry: asOneValue,
      value: (key: string) => createEntryMapping(prefix + key),
      computed: () => 'unsupported' as const,
    }
    return [field, { column: (key) => prefix + key, nested: nested[cellSource] }]
  }),
)

/** A record of the API: every key is a column, but of nested fields, where every key of theirs is one. */
export const recordMapping: KeyMapping = { column: (key) => key, nested: (key) => fieldMappings.get(key) }

/**
 * The shape of the object at `at`. Undefined where there is none, or where no shape can tell its columns: a key that is
 * there twice, two values for one column, an entry without its value.
 */
export function readLayoutTemplate(bytes: Buffer, at: number, mapping: KeyMapping): LayoutTemplate | undefined {
  const end = bytes[at] === OPEN_BRACE ? new JsonWalker().skipValue(bytes, at) : -1
  if (end < 0) return undefined
  const reader = new TemplateReader(bytes, at)
  reader.readObject(at, mapping)
  const { steps, isUnsupported } = reader
  const tail = Buffer.from(bytes.subarray(reader.literalStart, end))
  const columns = steps.map(({ column }) => column)
  const named = columns.filter((column) => column !== undefined)
  if (isUnsupported || new Set(named).size < named.length) return undefined
  const text = [...steps.map(({ literal }) => literal), tail].map((literal) => literal.toString()).join('0')
  const parsed = JSON.parse(text) as unknown
  if (countLeaves(parsed) !== steps.length) return undefined
  return { layout: new RecordLayout(columns, JSON.stringify(parsed) === text), steps, tail }
}

/** How many numbers an object of objects holds. */
function countLeaves(parsed: unknown): number {
  if (!isJsonObject(parsed)) return 1
  return Object.values(parsed).reduce<number>((sum, part) => sum + countLeaves(part), 0)
}

/** Reads the steps of a record that is known to be JSON. */
class TemplateReader {
  readonly steps: LayoutStep[] = []
  /** Where the literal at hand began. */
  literalStart: number
  isUnsupported = false
  readonly #bytes: Buffer
  readonly #walker = new JsonWalker()

  constructor(bytes: Buffer, at: number) {
    this.#bytes = bytes
    this.literalStart = at
  }

  /** Reads the object at `at` and returns where it ends. */
  readObject(at: number, mapping: KeyMapping): number {
    const seen = new Set<string>()
    let end = this.#skipSpace(at + 1)
    while (this.#bytes[end] !== CLOSE_BRACE) {
      const key = this.#readKey(end)
      seen.add(key)
      end = this.#skipSpace(this.#readValue(this.#walker.skipKey(this.#bytes, end), key, mapping))
      if (this.#bytes[end] !== CLOSE_BRACE) end = this.#skipSpace(end + 1)
    }
    if (mapping.requiredKey !== undefined && !seen.has(mapping.requiredKey)) this.isUnsupported = true
    return end + 1
  }

  #readValue(at: number, key: string, mapping: KeyMapping): number {
    const nested = mapping.nested(key)
    if (this.#bytes[at] === OPEN_BRACE && nested !== undefined) {
      if (nested !== 'unsupported') return this.readObject(at, nested)
      this.isUnsupported = true
    }
    const literal = Buffer.from(this.#bytes.subarray(this.literalStart, at))
    this.steps.push({ literal, isNeverObject: nested !== undefined, column: mapping.column(key) })
    this.literalStart = this.#walker.skipValue(this.#bytes, at)
    return this.literalStart
  }

  #readKey(at: number): string {
    return JSON.parse(this.#bytes.toString('utf8', at, this.#walker.skipText(this.#bytes, at))) as string
  }

  #skipSpace(at: number): number {
    return skipSpace(this.#bytes, at)
  }
}
