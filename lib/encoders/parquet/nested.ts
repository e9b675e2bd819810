// Lists, structs and maps over the same leaves: every part fits, or the whole cell is refused. Levels are Dremel's: the
// definition level says how far down a value is there, the repetition level whether it goes on with the list at hand.
import { isJsonObject } from '../../json.js'
import type { SpanRun } from '../../scan/record-spans.js'
import { valueOf } from '../../scan/span.js'
import type { Cell } from '../../types.js'
import { PLACE, type Part } from './part.js'

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

  appendSpan(bytes: Buffer, start: number, end: number, flags: number, repetition = 0): number | undefined {
    return this.append(valueOf(bytes, start, end, flags), repetition)
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
      const added = part.append(Object.hasOwn(cell, name) ? cell[name] : null, repetition)
      if (added === undefined) return undefined
      bytes += added
    }
    return bytes
  }

  /** Appends the record `at` of a run as a struct; `order` has a value for each field. */
  appendRecord({ spans, order }: SpanRun, at: number, repetition: number): number | undefined {
    const { bytes: page, starts, ends, flags } = spans
    const first = spans.firsts[at]!
    let bytes = PLACE
    for (const [field, part] of this.#parts.entries()) {
      const value = first + order[field]!
      const added =
        order[field]! < 0
          ? part.append(null, repetition)
          : part.appendSpan(page, starts[value]!, ends[value]!, flags[value]!, repetition)
      if (added === undefined) return undefined
      bytes += added
    }
    return bytes
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
      const added = this.#element.append(element, at === 0 ? 0 : GOES_ON)
      if (added === undefined) return undefined
      bytes += added
    }
    return bytes
  }
}

/** A list of structs, which also takes its elements as spans. */
export class StructListPart extends ListPart {
  readonly #struct: StructPart

  constructor(struct: StructPart) {
    super(struct)
    this.#struct = struct
  }

  /**
   * Appends a cell that is an array of objects, as {@link append} of that array would. The records of the runs are its
   * elements, in order; `order` of a run has, for each field of the struct, the number of its value in the shape, -1 where
   * the shape has none. An array with an element that is no object, or has a key that is no field, or has a key twice, is
   * not for this method but for {@link appendSpan}.
   */
  appendElements(runs: readonly SpanRun[]): number | undefined {
    let bytes = PLACE
    let repetition = 0
    for (const run of runs) {
      for (let at = run.from; at < run.to; at++) {
        const added = this.#struct.appendRecord(run, at, repetition)
        if (added === undefined) return undefined
        bytes += added
        repetition = GOES_ON
      }
    }
    return repetition === 0 ? this.empty(1, 0) : bytes
  }
}

/** A map of text to text. */
export class MapPart extends Nested {
  readonly #key: Part
  readonly #value: Part

  constructor(key: Part, value: Part) {
    super([key, value])
    this.#key = key
    this.#value = value
  }

  append(cell: Cell): number | undefined {
    if (isMissing(cell)) return this.empty(0, 0)
    if (!isJsonObject(cell)) return undefined
    const keys = Object.keys(cell)
    if (keys.length === 0) return this.empty(1, 0)
    let bytes = PLACE
    for (const [at, key] of keys.entries()) {
      const repetition = at === 0 ? 0 : GOES_ON
      const added = this.#value.append(cell[key], repetition)
      if (added === undefined) return undefined
      bytes += PLACE + this.#key.append(key, repetition)! + added
    }
    return bytes
  }
}
