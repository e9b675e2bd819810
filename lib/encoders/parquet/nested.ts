// Lists, structs and maps over the same leaves: every part fits, or the whole cell is refused. Levels are Dremel's: the
// definition level says how far down a value is there, the repetition level whether it goes on with the list at hand.
import { digitsAt } from '../../digits.js'
import { isJsonObject } from '../../json.js'
import { ArrayScanner } from '../../scan/array-scanner.js'
import { RecordSpans } from '../../scan/record-spans.js'
import { plainLevel, type Shape } from '../../scan/shape.js'
import { DIGITS, NESTED, valueOf } from '../../scan/span.js'
import type { Cell } from '../../types.js'
import { PLACE } from './kernel/memory.js'
import type { Part } from './part.js'

/** The repetition level of every element of a list but its first; lists do not hold lists. */
const GOES_ON = 1

abstract class Nested implements Part {
  readonly chunks
  readonly #parts: readonly Part[]

  constructor(parts: readonly Part[]) {
    this.#parts = parts
    this.chunks = parts.flatMap((part) => part.chunks)
  }

  abstract append(cell: Cell, repetition?: number): number | undefined

  appendSpan(page: Buffer, start: number, end: number, flags: number, repetition = 0): number | undefined {
    return this.append(valueOf(page, start, end, flags), repetition)
  }

  none(definition: number, repetition: number): void {
    for (const part of this.#parts) part.none(definition, repetition)
  }

  /** Appends that there is something down to this level and no further. */
  protected empty(definition: number, repetition: number): number {
    this.none(definition, repetition)
    return PLACE
  }
}

const isMissing = (cell: Cell) => cell === null || cell === undefined || cell === ''

/** A struct: its fields, and nothing else. */
export class StructPart extends Nested {
  readonly #fields: ReadonlyMap<string, Part>
  readonly #parts: readonly Part[]
  readonly #outside: number

  /** @param outside the definition level where the struct is missing */
  constructor(fields: ReadonlyMap<string, Part>, outside: number) {
    super([...fields.values()])
    this.#fields = fields
    this.#parts = [...fields.values()]
    this.#outside = outside
  }

  append(cell: Cell, repetition = 0): number | undefined {
    if (isMissing(cell)) return this.empty(this.#outside, repetition)
    if (!isJsonObject(cell) || !Object.keys(cell).every((name) => this.#fields.has(name))) return undefined
    let bytes = PLACE
    for (const [name, part] of this.#fields) {
      const added = part.append(Object.hasOwn(cell, name) ? cell[name] : null, repetition, digitsAt(cell, name))
      if (added === undefined) return undefined
      bytes += added
    }
    return bytes
  }

  /** For each field the number of its value in a shape; undefined where the shape has a key that is no field. */
  orderOf(shape: Shape): Int32Array | undefined {
    if (!shape.columns.every((column) => this.#fields.has(column!))) return undefined
    return Int32Array.from(this.#fields.keys(), (name) => shape.slotOf(name))
  }

  /** Appends the object `at` as a struct. */
  appendObject(spans: RecordSpans, at: number, order: Int32Array, repetition: number) {
    const { bytes, table, firsts } = spans
    const first = firsts[at]!
    let size = PLACE
    for (let field = 0; field < order.length; field++) {
      const part = this.#parts[field]!
      const span = first + order[field]!
      const added =
        order[field]! < 0
          ? part.append(null, repetition)
          : part.appendSpan(bytes, table.starts[span]!, table.ends[span]!, table.flags[span]!, repetition)
      if (added === undefined) return undefined
      size += added
    }
    return size
  }
}

/** A list of scalars or structs. */
export class ListPart extends Nested {
  readonly #element: Part

  constructor(element: Part) {
    super([element])
    this.#element = element
  }

  append(cell: Cell): number | undefined {
    if (isMissing(cell)) return this.empty(0, 0)
    if (!Array.isArray(cell)) return undefined
    if (cell.length === 0) return this.empty(1, 0)
    let bytes = PLACE
    for (const [at, element] of cell.entries()) {
      const added = this.#element.append(element, at === 0 ? 0 : GOES_ON, digitsAt(cell, String(at)))
      if (added === undefined) return undefined
      bytes += added
    }
    return bytes
  }
}

/** A list of structs. Its elements are scanned like records; where that does not work out, they are objects. */
export class StructListPart extends ListPart {
  readonly #struct: StructPart
  readonly #scanner = new ArrayScanner(plainLevel)
  readonly #elements = new RecordSpans()
  readonly #orders = new Map<Shape, Int32Array | undefined>()

  constructor(struct: StructPart) {
    super(struct)
    this.#struct = struct
  }

  override appendSpan(page: Buffer, start: number, end: number, flags: number, repetition = 0): number | undefined {
    const elements = this.#elements.reset(page)
    const isScanned = (flags & ~DIGITS) === NESTED && this.#scanner.scan(start, elements, end) === end
    if (!isScanned || elements.length === 0) return super.appendSpan(page, start, end, flags, repetition)
    let size = PLACE
    for (let at = 0; at < elements.length; at++) {
      const order = this.#orderOf(elements.shapeOf(at))
      const added = order && this.#struct.appendObject(elements, at, order, at === 0 ? 0 : GOES_ON)
      if (added === undefined) return undefined
      size += added
    }
    return size
  }

  #orderOf(shape: Shape): Int32Array | undefined {
    if (!this.#orders.has(shape)) this.#orders.set(shape, this.#struct.orderOf(shape))
    return this.#orders.get(shape)
  }
}

/** Whether a map may have this value under this key. */
export type FitsEntry = (key: string, value: Cell) => boolean

/** A map of text to text. */
export class MapPart extends Nested {
  readonly #key: Part
  readonly #value: Part
  readonly #fits: FitsEntry

  constructor(key: Part, value: Part, fits: FitsEntry) {
    super([key, value])
    this.#key = key
    this.#value = value
    this.#fits = fits
  }

  append(cell: Cell): number | undefined {
    if (isMissing(cell)) return this.empty(0, 0)
    if (!isJsonObject(cell)) return undefined
    const keys = Object.keys(cell)
    if (keys.length === 0) return this.empty(1, 0)
    let bytes = PLACE
    for (const [at, key] of keys.entries()) {
      if (!this.#fits(key, cell[key])) return undefined
      const repetition = at === 0 ? 0 : GOES_ON
      const added = this.#value.append(cell[key], repetition, digitsAt(cell, key))
      if (added === undefined) return undefined
      bytes += PLACE + this.#key.append(key, repetition)! + added
    }
    return bytes
  }
}
