// What records of one shape have in common: their keys, in their order, and the bytes between their values. A shape is read
// off one record, and then JSON.parse is asked whether it means what it seems to mean.
import { isJsonObject } from '../json.js'
import { nestedFields } from '../reports/nested-fields.js'
import { CLOSE_BRACE, OPEN_BRACE, spaceEnd, Walk } from './walk.js'

/** A value of a record, and the bytes that lead to it from the value before. */
export interface Step {
  readonly literal: Buffer
  /** An object in this place would be columns of its own, so a record that has one there is of another shape. */
  readonly isNeverObject: boolean
  /** The prefixed name of its column; undefined where it is no column's. */
  readonly column: string | undefined
}

/** The shape of a record. */
export class Shape {
  /** How many values a record of it has. */
  readonly width: number
  /** The prefixed name of the column behind each value; undefined where a value is no column's. */
  readonly columns: readonly (string | undefined)[]
  /** JSON.stringify would put the same bytes between the values. */
  readonly isCanonical: boolean
  readonly #slots: ReadonlyMap<string | undefined, number>
  #asked: string | undefined
  #answer = -1

  constructor(columns: readonly (string | undefined)[], isCanonical: boolean) {
    this.width = columns.length
    this.columns = columns
    this.isCanonical = isCanonical
    this.#slots = new Map(columns.map((column, slot) => [column, slot]))
  }

  /** The number of a column's value; -1 where the shape has none. */
  slotOf(column: string): number {
    if (column !== this.#asked) {
      this.#asked = column
      this.#answer = this.#slots.get(column) ?? -1
    }
    return this.#answer
  }
}

/** A shape, how to get through a record of it, and the bytes after its last value. */
export interface Outline {
  readonly shape: Shape
  readonly steps: readonly Step[]
  readonly tail: Buffer
}

/** How the keys of an object become columns. */
export interface Level {
  readonly column: (key: string) => string | undefined
  /** What an object under this key is: a level of its own, one value (undefined), or nothing that a shape can tell. */
  readonly inside: (key: string) => Level | 'odd' | undefined
  /** The key that an object of this level must have. */
  readonly needs?: string
}

const oneValue = () => undefined

/** Every key is a column. */
export const plainLevel: Level = { column: (key) => key, inside: oneValue }

/** An entry such as `{"name":"Start","value":0}` is one column, its value's. */
const entryLevel = (id: string): Level => ({
  column: (key) => (key === 'value' ? id : undefined),
  inside: oneValue,
  needs: 'value',
})

const fieldLevels: ReadonlyMap<string, Level> = new Map(
  nestedFields.map(({ field, prefix, cellIs }) => {
    const inside = { entry: oneValue, value: (key: string) => entryLevel(prefix + key), computed: () => 'odd' as const }
    return [field, { column: (key) => prefix + key, inside: inside[cellIs] }]
  }),
)

/** A record of the API: every key is a column, but of nested fields, where every key of theirs is one. */
export const recordLevel: Level = { column: (key) => key, inside: (key) => fieldLevels.get(key) }

/**
 * The shape of the object at `at`. Undefined where there is none, or where no shape can tell its columns: a key that is
 * there twice, two values for one column, an entry without its value.
 */
export function outlineOf(bytes: Buffer, at: number, level: Level): Outline | undefined {
  const end = bytes[at] === OPEN_BRACE ? new Walk().valueEnd(bytes, at) : -1
  if (end < 0) return undefined
  const reader = new Reader(bytes, at)
  reader.object(at, level)
  const { steps, isOdd } = reader
  const tail = Buffer.from(bytes.subarray(reader.from, end))
  const columns = steps.map(({ column }) => column)
  const named = columns.filter((column) => column !== undefined)
  if (isOdd || new Set(named).size < named.length) return undefined
  const text = [...steps.map(({ literal }) => literal), tail].map((literal) => literal.toString()).join('0')
  const meaning = JSON.parse(text) as unknown
  if (leavesIn(meaning) !== steps.length) return undefined
  return { shape: new Shape(columns, JSON.stringify(meaning) === text), steps, tail }
}

/** How many numbers an object of objects holds. */
function leavesIn(meaning: unknown): number {
  if (!isJsonObject(meaning)) return 1
  return Object.values(meaning).reduce<number>((sum, part) => sum + leavesIn(part), 0)
}

/** Reads the steps of a record that is known to be JSON. */
class Reader {
  readonly steps: Step[] = []
  /** Where the literal at hand began. */
  from: number
  isOdd = false
  readonly #bytes: Buffer
  readonly #walk = new Walk()

  constructor(bytes: Buffer, at: number) {
    this.#bytes = bytes
    this.from = at
  }

  /** Reads the object at `at` and returns where it ends. */
  object(at: number, level: Level): number {
    const seen = new Set<string>()
    let end = this.#space(at + 1)
    while (this.#bytes[end] !== CLOSE_BRACE) {
      const key = this.#keyAt(end)
      seen.add(key)
      end = this.#space(this.#value(this.#walk.keyEnd(this.#bytes, end), key, level))
      if (this.#bytes[end] !== CLOSE_BRACE) end = this.#space(end + 1)
    }
    if (level.needs !== undefined && !seen.has(level.needs)) this.isOdd = true
    return end + 1
  }

  #value(at: number, key: string, level: Level): number {
    const inside = level.inside(key)
    if (this.#bytes[at] === OPEN_BRACE && inside !== undefined) {
      if (inside !== 'odd') return this.object(at, inside)
      this.isOdd = true
    }
    const literal = Buffer.from(this.#bytes.subarray(this.from, at))
    this.steps.push({ literal, isNeverObject: inside !== undefined, column: level.column(key) })
    this.from = this.#walk.valueEnd(this.#bytes, at)
    return this.from
  }

  #keyAt(at: number): string {
    return JSON.parse(this.#bytes.toString('utf8', at, this.#walk.textEnd(this.#bytes, at))) as string
  }

  #space(at: number): number {
    return spaceEnd(this.#bytes, at)
  }
}
