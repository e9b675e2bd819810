// The writers of lists, structs and maps. A cell fits if all its values fit. The repetition level is 1 for every element of a list but
// the first, else 0, because lists do not contain lists.
import type { FindWrongEntry } from './cell-type-error.js'
import { getDigits } from '../../shared/json/digits.js'
import { isJsonObject } from '../../shared/json/json.js'
import { isEmptyCell } from '../../schema/cell-text.js'
import { memoize } from '../../shared/memoize.js'
import { ArrayScanner } from '../../fastpath/scan/array-scanner.js'
import { RecordSpans } from '../../spans/record-spans.js'
import { plainMapping } from '../../spans/key-mapping.js'
import type { RecordLayout } from '../../spans/record-layout.js'
import { DIGITS, NESTED, readSpanValue } from '../../spans/span.js'
import type { Cell } from '../../shared/types.js'
import type { AppendProgress, MapColumnEntries } from '../../leaves/leaf-builder.js'
import { BASE_COUNTED_BYTES } from '../../leaves/leaf-kinds.js'
import type { ObjectCell } from '../../spans/object-cell.js'
import type { SpanColumnWriter } from './column-engine.js'
import type { NodeWriter } from './node-writer.js'

const NEXT_ELEMENT_REPETITION = 1

abstract class NestedWriter implements NodeWriter {
  readonly leafBuilders
  protected readonly children: readonly NodeWriter[]

  constructor(children: readonly NodeWriter[]) {
    this.children = children
    this.leafBuilders = children.flatMap((child) => child.leafBuilders)
  }

  abstract append(cell: Cell, repetition?: number): number | undefined

  appendSpan(source: Buffer, start: number, end: number, flags: number, repetition = 0): number | undefined {
    return this.append(readSpanValue(source, start, end, flags), repetition)
  }

  putNullAtLevel(definition: number, repetition: number): void {
    for (const child of this.children) child.putNullAtLevel(definition, repetition)
  }

  /** Appends a null or an empty value; the definition level tells which. Returns the counted bytes. */
  protected putEmpty(definition: number, repetition: number): number {
    this.putNullAtLevel(definition, repetition)
    return BASE_COUNTED_BYTES
  }
}

export class StructWriter extends NestedWriter {
  readonly #fields: ReadonlyMap<string, NodeWriter>
  readonly #nullDefinition: number

  constructor(fields: ReadonlyMap<string, NodeWriter>, nullDefinition: number) {
    super([...fields.values()])
    this.#fields = fields
    this.#nullDefinition = nullDefinition
  }

  append(cell: Cell, repetition = 0): number | undefined {
    if (isEmptyCell(cell)) return this.putEmpty(this.#nullDefinition, repetition)
    if (!isJsonObject(cell) || !Object.keys(cell).every((name) => this.#fields.has(name))) return undefined
    let bytes = BASE_COUNTED_BYTES
    for (const [name, child] of this.#fields) {
      const addedBytes = child.append(Object.hasOwn(cell, name) ? cell[name] : null, repetition, getDigits(cell, name))
      if (addedBytes === undefined) return undefined
      bytes += addedBytes
    }
    return bytes
  }

  /** Returns the slot of each field, or MISSING_SLOT. Returns undefined if the layout has a key that is not a field. */
  getFieldSlots(layout: RecordLayout): Int32Array | undefined {
    if (!layout.columnIds.every((id) => this.#fields.has(id!))) return undefined
    return Int32Array.from(this.#fields.keys(), (name) => layout.getSlot(name))
  }

  appendObject(spans: RecordSpans, index: number, fieldSlots: Int32Array, repetition: number) {
    const { bytes, valueTable, valueOffsets } = spans
    const first = valueOffsets[index]!
    let countedBytes = BASE_COUNTED_BYTES
    for (let field = 0; field < fieldSlots.length; field++) {
      const child = this.children[field]!
      const span = first + fieldSlots[field]!
      const addedBytes =
        fieldSlots[field]! < 0
          ? child.append(null, repetition)
          : child.appendSpan(
              bytes,
              valueTable.starts[span]!,
              valueTable.ends[span]!,
              valueTable.flags[span]!,
              repetition,
            )
      if (addedBytes === undefined) return undefined
      countedBytes += addedBytes
    }
    return countedBytes
  }
}

export class ListWriter extends NestedWriter {
  readonly #element: NodeWriter

  constructor(element: NodeWriter) {
    super([element])
    this.#element = element
  }

  append(cell: Cell): number | undefined {
    if (isEmptyCell(cell)) return this.putEmpty(0, 0)
    if (!Array.isArray(cell)) return undefined
    if (cell.length === 0) return this.putEmpty(1, 0)
    let bytes = BASE_COUNTED_BYTES
    for (const [index, element] of cell.entries()) {
      const addedBytes = this.#element.append(
        element,
        index === 0 ? 0 : NEXT_ELEMENT_REPETITION,
        getDigits(cell, String(index)),
      )
      if (addedBytes === undefined) return undefined
      bytes += addedBytes
    }
    return bytes
  }
}

/** A list of structs. The elements are scanned like records. If the scan fails, the list is parsed. */
export class StructListWriter extends ListWriter {
  readonly #struct: StructWriter
  readonly #scanner = new ArrayScanner(plainMapping)
  readonly #elements = new RecordSpans()
  readonly #getFieldSlots = memoize((layout: RecordLayout) => this.#struct.getFieldSlots(layout))
  /** Records whose lists could not be scanned: {@link appendSpans} does not try again at each of them. */
  #spansToRead: RecordSpans | undefined

  constructor(struct: StructWriter) {
    super(struct)
    this.#struct = struct
  }

  override appendSpan(source: Buffer, start: number, end: number, flags: number, repetition = 0): number | undefined {
    const elements = this.#elements.reset(source)
    const isScanned = (flags & ~DIGITS) === NESTED && this.#scanner.scan(start, elements, end) === end
    if (!isScanned || elements.length === 0) return super.appendSpan(source, start, end, flags, repetition)
    return this.#appendElements(elements, 0, elements.length)
  }

  /** Scans the lists of many records in one call, because a call for each list takes longer than the scan itself. */
  appendSpans(spans: RecordSpans, slot: number, from: number, to: number): AppendProgress {
    const counts = spans === this.#spansToRead ? undefined : this.#scanLists(spans, slot, from, to)
    return counts ? this.#appendLists(counts, from) : { to: from, bytes: 0 }
  }

  /** @param counts the number of elements of each scanned list */
  #appendLists(counts: Int32Array, from: number): AppendProgress {
    let bytes = 0
    let list = 0
    for (let first = 0; list < counts.length; list++) {
      const end = first + counts[list]!
      const addedBytes = first === end ? this.putEmpty(1, 0) : this.#appendElements(this.#elements, first, end)
      if (addedBytes === undefined) break
      bytes += addedBytes
      first = end
    }
    return { to: from + list, bytes }
  }

  /** Scans the lists from record `from` up to the first value that is not nested or not canonical. Returns the length of each list. */
  #scanLists(spans: RecordSpans, slot: number, from: number, to: number): Int32Array | undefined {
    const listStarts: number[] = []
    let stop = 0
    for (let record = from; record < to; record++) {
      const { start, end, flags } = spans.getSpan(record, slot)
      if ((flags & ~DIGITS) !== NESTED) break
      listStarts.push(start)
      stop = end
    }
    if (listStarts.length === 0) return undefined
    const counts = this.#scanner.scanLists(this.#elements.reset(spans.bytes), Int32Array.from(listStarts), stop)
    if (!counts) this.#spansToRead = spans
    return counts
  }

  /** Appends the elements from `first` up to, not including, `end` as one list. */
  #appendElements(elements: RecordSpans, first: number, end: number): number | undefined {
    let countedBytes = BASE_COUNTED_BYTES
    for (let index = first; index < end; index++) {
      const fieldSlots = this.#getFieldSlots(elements.getLayout(index))
      const repetition = index === first ? 0 : NEXT_ELEMENT_REPETITION
      const addedBytes = fieldSlots && this.#struct.appendObject(elements, index, fieldSlots, repetition)
      if (addedBytes === undefined) return undefined
      countedBytes += addedBytes
    }
    return countedBytes
  }
}

export class MapWriter extends NestedWriter {
  readonly appendObjects: SpanColumnWriter['appendObjects']
  readonly #key: NodeWriter
  readonly #value: NodeWriter
  readonly #findWrongEntry: FindWrongEntry | undefined
  readonly #getEntries = memoize(createEntries)

  constructor(key: NodeWriter, value: NodeWriter, findWrongEntry: FindWrongEntry | undefined) {
    super([key, value])
    this.#key = key
    this.#value = value
    this.#findWrongEntry = findWrongEntry
    if (!findWrongEntry && key.leafBuilders[0]!.putMaps)
      this.appendObjects = (spans, cell, from, to) => this.#appendObjects(spans, cell, from, to)
  }

  append(cell: Cell): number | undefined {
    if (isEmptyCell(cell)) return this.putEmpty(0, 0)
    if (!isJsonObject(cell) || this.#findWrongEntry?.(cell)) return undefined
    const keys = Object.keys(cell)
    if (keys.length === 0) return this.putEmpty(1, 0)
    let bytes = BASE_COUNTED_BYTES
    for (const [index, key] of keys.entries()) {
      const repetition = index === 0 ? 0 : NEXT_ELEMENT_REPETITION
      const addedBytes = this.#value.append(cell[key], repetition, getDigits(cell, key))
      if (addedBytes === undefined) return undefined
      bytes += BASE_COUNTED_BYTES + this.#key.append(key, repetition)! + addedBytes
    }
    return bytes
  }

  #appendObjects(spans: RecordSpans, cell: ObjectCell, from: number, to: number): AppendProgress {
    const entries = this.#getEntries(cell)
    const { keys, slots } = entries
    let bytes = 0
    if (keys.length === 0) for (let record = from; record < to; record++) bytes += this.putEmpty(1, 0)
    for (let [record, entry] = [from, 0]; record < to && keys.length > 0;) {
      const appended = this.#key.leafBuilders[0]!.putMaps!(this.#value.leafBuilders[0]!, entries, record, entry, to)
      bytes += appended.bytes
      record = appended.to
      entry = appended.entry
      if (record === to) break
      bytes += this.#appendEntry(spans, record, keys[entry]!, slots[entry]!, entry === 0 ? 0 : NEXT_ELEMENT_REPETITION)
      if (++entry === keys.length) {
        bytes += BASE_COUNTED_BYTES
        record++
        entry = 0
      }
    }
    return { to, bytes }
  }

  /** Appends one entry, whose value must be read. It cannot fail, because every JSON value can be written as text. */
  #appendEntry(spans: RecordSpans, record: number, key: Buffer, slot: number, repetition: number): number {
    const { start, end, flags } = spans.getSpan(record, slot)
    const valueBytes = this.#value.appendSpan(spans.bytes, start, end, flags, repetition)!
    return BASE_COUNTED_BYTES + this.#key.append(key.toString(), repetition)! + valueBytes
  }
}

const createEntries = ({ slotRecord }: ObjectCell): MapColumnEntries => ({
  keys: Object.keys(slotRecord).map((key) => Buffer.from(key)),
  slots: Object.values(slotRecord) as number[],
})
