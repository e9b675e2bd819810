// The shapes met so far, as a tree of literals in the kernel's memory: what two of them begin with they share.
import type { ScanWindow } from './scan-window.js'
import {
  NODE_CHILD,
  NODE_LENGTH,
  NODE_LITERAL,
  MAX_LITERAL_BYTES,
  LITERALS,
  NODE_FLAGS,
  MAX_NODES,
  NEVER_OBJECT,
  NODE_BYTES,
  NODES,
  NON_CANONICAL_LAYOUT,
  NODE_LAYOUT,
  NODE_SIBLING,
} from './kernel/scan-memory.js'
import { readLayoutTemplate, type KeyMapping, type LayoutTemplate, type RecordLayout } from './record-layout.js'

/** Of a node that no object ends with. */
const NO_LAYOUT = -1

export class LayoutRegistry {
  /** By their numbers. */
  readonly layouts: RecordLayout[] = []
  readonly #window: ScanWindow
  /** The two roots come before. */
  #nodes = 2
  #literalsEnd = LITERALS

  constructor(window: ScanWindow) {
    this.#window = window
  }

  /** Learns the shape of the object at `at`, below a root; false where that is not to be had, or there is no room. */
  addLayout(bytes: Buffer, at: number, mapping: KeyMapping, root: number): boolean {
    const template = readLayoutTemplate(bytes, at, mapping)
    if (!template || !this.#hasCapacity(template)) return false
    this.#add(template, root)
    return true
  }

  #hasCapacity({ steps, tail }: LayoutTemplate): boolean {
    const bytes = steps.reduce((sum, { literal }) => sum + literal.length, tail.length)
    return this.#nodes + steps.length < MAX_NODES && this.#literalsEnd + bytes <= LITERALS + MAX_LITERAL_BYTES
  }

  #add({ layout, steps, tail }: LayoutTemplate, root: number): void {
    let parent = root
    for (const { literal, isNeverObject } of steps) {
      const flags = isNeverObject ? NEVER_OBJECT : 0
      parent = this.#findChild(parent, literal, flags) ?? this.#addChild(parent, literal, NO_LAYOUT, flags)
    }
    this.#addChild(parent, tail, this.layouts.push(layout) - 1, layout.isCanonical ? 0 : NON_CANONICAL_LAYOUT)
  }

  #findChild(parent: number, literal: Buffer, flags: number): number | undefined {
    for (let node = this.#get(parent, NODE_CHILD); node !== 0; node = this.#get(node, NODE_SIBLING)) {
      if (this.#get(node, NODE_FLAGS) !== flags || this.#get(node, NODE_LAYOUT) !== NO_LAYOUT) continue
      const from = this.#get(node, NODE_LITERAL)
      if (literal.equals(this.#window.bytes.subarray(from, from + this.#get(node, NODE_LENGTH)))) return node
    }
    return undefined
  }

  #addChild(parent: number, literal: Buffer, layout: number, flags: number): number {
    const node = NODES + this.#nodes++ * NODE_BYTES
    this.#set(node, NODE_LITERAL, this.#literalsEnd)
    this.#set(node, NODE_LENGTH, literal.length)
    this.#set(node, NODE_LAYOUT, layout)
    this.#set(node, NODE_FLAGS, flags)
    this.#set(node, NODE_SIBLING, this.#get(parent, NODE_CHILD))
    this.#set(parent, NODE_CHILD, node)
    literal.copy(this.#window.bytes, this.#literalsEnd)
    this.#literalsEnd += literal.length
    return node
  }

  #get(node: number, field: number): number {
    return this.#window.words[(node + field) >> 2]!
  }

  #set(node: number, field: number, value: number): void {
    this.#window.words[(node + field) >> 2] = value
  }
}
