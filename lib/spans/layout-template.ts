// Reads the layout of similar records from one of them, and verifies the layout with JSON.parse.
import { isJsonObject } from '../shared/json/json.js'
import { CLOSE_BRACE, OPEN_BRACE, OPEN_BRACKET } from '../shared/ascii.js'
import { skipSpace, JsonWalker } from '../shared/json/json-walker.js'
import type { RecordOrRow } from '../shared/types.js'
import type { KeyMapping } from './key-mapping.js'
import { RecordLayout } from './record-layout.js'

/** A value of a record, and the bytes between the previous value and this one. */
export interface LayoutStep {
  readonly literal: Buffer
  /** True if keys of an object here would be columns, but the value is not an object. Records with an object here have another layout. */
  readonly isNeverObject: boolean
  readonly isAlwaysList: boolean
  readonly columnId: string | undefined
}

export interface LayoutTemplate {
  readonly layout: RecordLayout
  readonly steps: readonly LayoutStep[]
  readonly tail: Buffer
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
  const parsed = JSON.parse(text) as RecordOrRow
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
