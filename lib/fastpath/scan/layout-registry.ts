// The known record layouts, as a tree of literals in the kernel's memory. Layouts with the same beginning share nodes.
import type { ScanKernel } from './scan-kernel.js'
import {
  ALWAYS_LIST,
  NODE_CHILD_OFFSET,
  NODE_LENGTH_OFFSET,
  NODE_LITERAL_OFFSET,
  MAX_LITERAL_BYTES,
  LITERALS,
  NODE_FLAGS_OFFSET,
  MAX_NODES,
  NEVER_OBJECT,
  NODE_BYTES,
  NODES,
  NON_CANONICAL_LAYOUT,
  NODE_LAYOUT_OFFSET,
  NODE_SIBLING_OFFSET,
} from './kernel/scan-memory.js'
import type { KeyMapping } from '../../spans/key-mapping.js'
import { readLayoutTemplate, type LayoutTemplate } from '../../spans/layout-template.js'
import type { RecordLayout } from '../../spans/record-layout.js'

/** The layout number of a node that is not the end of an object. */
const NO_LAYOUT = -1

export class LayoutRegistry {
  readonly layouts: RecordLayout[] = []
  readonly #kernel: ScanKernel
  #nodes = 2
  #literalsEnd = LITERALS

  constructor(kernel: ScanKernel) {
    this.#kernel = kernel
  }

  /** Adds the layout of the object at `at` below a root. Returns false if the layout cannot be used or the memory is full. */
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
    for (const { literal, isNeverObject, isAlwaysList } of steps) {
      const flags = (isNeverObject ? NEVER_OBJECT : 0) | (isAlwaysList ? ALWAYS_LIST : 0)
      parent = this.#findChild(parent, literal, flags) ?? this.#addChild(parent, literal, NO_LAYOUT, flags)
    }
    this.#addChild(parent, tail, this.layouts.push(layout) - 1, layout.isCanonical ? 0 : NON_CANONICAL_LAYOUT)
  }

  #findChild(parent: number, literal: Buffer, flags: number): number | undefined {
    for (let node = this.#get(parent, NODE_CHILD_OFFSET); node !== 0; node = this.#get(node, NODE_SIBLING_OFFSET)) {
      if (this.#get(node, NODE_FLAGS_OFFSET) !== flags || this.#get(node, NODE_LAYOUT_OFFSET) !== NO_LAYOUT) continue
      const from = this.#get(node, NODE_LITERAL_OFFSET)
      if (literal.equals(this.#kernel.bytes.subarray(from, from + this.#get(node, NODE_LENGTH_OFFSET)))) return node
    }
    return undefined
  }

  #addChild(parent: number, literal: Buffer, layout: number, flags: number): number {
    const node = NODES + this.#nodes++ * NODE_BYTES
    this.#set(node, NODE_LITERAL_OFFSET, this.#literalsEnd)
    this.#set(node, NODE_LENGTH_OFFSET, literal.length)
    this.#set(node, NODE_LAYOUT_OFFSET, layout)
    this.#set(node, NODE_FLAGS_OFFSET, flags)
    this.#set(node, NODE_SIBLING_OFFSET, this.#get(parent, NODE_CHILD_OFFSET))
    this.#set(parent, NODE_CHILD_OFFSET, node)
    literal.copy(this.#kernel.bytes, this.#literalsEnd)
    this.#literalsEnd += literal.length
    return node
  }

  #get(node: number, field: number): number {
    return this.#kernel.words[(node + field) >> 2]!
  }

  #set(node: number, field: number, value: number): void {
    this.#kernel.words[(node + field) >> 2] = value
  }
}
