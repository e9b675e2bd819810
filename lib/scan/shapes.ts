// The shapes met so far, as a tree: what two of them begin with they share. An object that fits one is a single pass over its
// bytes, without an object and without a string a value. What fits none is learnt, while there is room.
import { ArrayScanner } from './array-scanner.js'
import { RecordSpans } from './record-spans.js'
import { LOOSE, NESTED, TEXT } from './span.js'
import { outlineOf, plainLevel, type Level, type Outline, type Shape } from './shape.js'
import type { SpanTable } from './span-table.js'
import { Tokens } from './tokens.js'
import { OPEN_BRACE, OPEN_BRACKET, QUOTE, Walk } from './walk.js'
import { isSame, plainEnd, viewOf } from './words.js'

/** Nodes of a tree; keys that change all the time are not worth one. */
const MOST_NODES = 20_000

/** A literal, and the value behind it or the end of the object. */
interface Node {
  /** Where the literal starts and ends in the bytes of all literals. */
  readonly from: number
  readonly to: number
  readonly isNeverObject: boolean
  /** The shape of the object, where it ends with this literal. */
  readonly shape: Shape | undefined
  child: Node | undefined
  sibling: Node | undefined
}

/** Tells the shapes of objects. */
export class Shapes {
  /** The shape of the object scanned last. */
  shape: Shape | undefined
  /** JSON.stringify would write that object with other bytes, or might. */
  loose = false
  readonly #level: Level
  readonly #root: { child: Node | undefined } = { child: undefined }
  readonly #walk = new Walk()
  readonly #tokens = new Tokens()
  #literals = Buffer.alloc(4096)
  #literalView = viewOf(this.#literals)
  #literalsEnd = 0
  #nodes = 0
  #width = 0
  /** Elements of arrays such as `flowNodeInstances` have shapes too; only who knows the keys knows whether all is well with them. */
  #elements: { readonly scanner: ArrayScanner; readonly spans: RecordSpans } | undefined

  constructor(level: Level) {
    this.#level = level
  }

  /** Appends the spans of the object at `at`; returns where the object ends, or -1 where it is of no known shape. */
  scan(bytes: Buffer, view: DataView, at: number, table: SpanTable): number {
    table.reserve(this.#width)
    const { starts, ends, flags } = table
    const literals = this.#literalView
    const tokens = this.#tokens
    let slot = table.length
    let kinds = 0
    let end = at
    let before: { child: Node | undefined } = this.#root
    let skipped: Node | undefined
    let node = before.child
    while (node !== undefined) {
      const start = literalEnd(bytes, view, end, literals, node)
      if (start >= 0 && node.shape !== undefined) return this.#found(node.shape, start, table, slot, kinds)
      const isText = bytes[start] === QUOTE
      const closing = isText ? plainEnd(view, start + 1) : -1
      let next = closing + 1
      let kind = TEXT
      if (bytes[closing] !== QUOTE) {
        next = start < 0 ? -1 : isText ? tokens.textEnd(bytes, view, closing) : this.#otherEnd(bytes, start)
        kind = tokens.kind
      }
      if (next < 0) {
        skipped = node
        node = node.sibling
        continue
      }
      if (skipped !== undefined) moveToFront(before, skipped, node)
      skipped = undefined
      starts[slot] = isText ? start + 1 : start
      ends[slot] = isText ? next - 1 : next
      flags[slot++] = kind
      kinds |= kind
      end = next
      before = node
      node = node.child
    }
    return -1
  }

  /** Learns the shape of the object at `at`; false where that is not to be had. */
  learn(bytes: Buffer, at: number): boolean {
    const outline = this.#nodes < MOST_NODES ? outlineOf(bytes, at, this.#level) : undefined
    if (outline) this.#add(outline)
    return outline !== undefined
  }

  #found(shape: Shape, end: number, table: SpanTable, length: number, kinds: number): number {
    this.shape = shape
    this.loose = !shape.isCanonical || (kinds & LOOSE) !== 0
    table.length = length
    return end
  }

  #otherEnd(bytes: Buffer, at: number): number {
    const isNested = bytes[at] === OPEN_BRACKET || bytes[at] === OPEN_BRACE
    return isNested ? this.#nestedEnd(bytes, at) : this.#tokens.bareEnd(bytes, at)
  }

  #nestedEnd(bytes: Buffer, at: number): number {
    this.#elements ??= { scanner: new ArrayScanner(plainLevel), spans: new RecordSpans() }
    const { scanner, spans } = this.#elements
    let end = scanner.scan(at, spans.reset(bytes))
    let { loose } = scanner
    if (end < 0) {
      this.#walk.loose = false
      end = this.#walk.valueEnd(bytes, at)
      loose = this.#walk.loose
    }
    this.#tokens.kind = loose ? NESTED | LOOSE : NESTED
    return end
  }

  #add({ shape, steps, tail }: Outline): void {
    let parent: { child: Node | undefined } = this.#root
    for (const { literal, isNeverObject } of steps) {
      let node = this.#childOf(parent, literal, isNeverObject)
      if (!node) parent.child = node = this.#node(literal, isNeverObject, undefined, parent.child)
      parent = node
    }
    parent.child = this.#node(tail, false, shape, parent.child)
    this.#width = Math.max(this.#width, shape.width)
  }

  #childOf(parent: { child: Node | undefined }, literal: Buffer, isNeverObject: boolean): Node | undefined {
    let node = parent.child
    while (node && (node.isNeverObject !== isNeverObject || node.shape || !this.#literalOf(node).equals(literal)))
      node = node.sibling
    return node
  }

  #literalOf({ from, to }: Node): Buffer {
    return this.#literals.subarray(from, to)
  }

  #node(literal: Buffer, isNeverObject: boolean, shape: Shape | undefined, sibling: Node | undefined): Node {
    const from = this.#literalsEnd
    const to = from + literal.length
    if (to > this.#literals.length) {
      this.#literals = Buffer.concat([this.#literals], Math.max(to, 2 * from))
      this.#literalView = viewOf(this.#literals)
    }
    literal.copy(this.#literals, from)
    this.#literalsEnd = to
    this.#nodes++
    return { from, to, isNeverObject, shape, child: undefined, sibling }
  }
}

/** Where the literal of a node ends in the bytes; -1 where it does not stand there. */
function literalEnd(
  bytes: Buffer,
  view: DataView,
  at: number,
  literals: DataView,
  { from, to, isNeverObject }: Node,
): number {
  const end = at + to - from
  if (end > bytes.length || !isSame(view, at, end, literals, from)) return -1
  return isNeverObject && bytes[end] === OPEN_BRACE ? -1 : end
}

/** Shapes take turns, so the one that came last is looked at first. */
function moveToFront(parent: { child: Node | undefined }, before: Node, node: Node): void {
  before.sibling = node.sibling
  node.sibling = parent.child
  parent.child = node
}
