// The shapes met so far, as a tree of literals in the kernel's memory: what two of them begin with they share.
import type { Kernel } from './kernel.js'
import {
  CHILD,
  LENGTH,
  LITERAL,
  LITERAL_ROOM,
  LITERALS,
  MARKS,
  MOST_NODES,
  NEVER_OBJECT,
  NODE_BYTES,
  NODES,
  ODD_SHAPE,
  SHAPE,
  SIBLING,
} from './kernel/memory.js'
import { outlineOf, type Level, type Outline, type Shape } from './shape.js'

/** Of a node that no object ends with. */
const NO_SHAPE = -1

export class Shapes {
  /** By their numbers. */
  readonly all: Shape[] = []
  readonly #kernel: Kernel
  /** The two roots come before. */
  #nodes = 2
  #literalsEnd = LITERALS

  constructor(kernel: Kernel) {
    this.#kernel = kernel
  }

  /** Learns the shape of the object at `at`, below a root; false where that is not to be had, or there is no room. */
  learn(bytes: Buffer, at: number, level: Level, root: number): boolean {
    const outline = outlineOf(bytes, at, level)
    if (!outline || !this.#hasRoom(outline)) return false
    this.#add(outline, root)
    return true
  }

  #hasRoom({ steps, tail }: Outline): boolean {
    const bytes = steps.reduce((sum, { literal }) => sum + literal.length, tail.length)
    return this.#nodes + steps.length < MOST_NODES && this.#literalsEnd + bytes <= LITERALS + LITERAL_ROOM
  }

  #add({ shape, steps, tail }: Outline, root: number): void {
    let parent = root
    for (const { literal, isNeverObject } of steps) {
      const marks = isNeverObject ? NEVER_OBJECT : 0
      parent = this.#childOf(parent, literal, marks) ?? this.#newChild(parent, literal, NO_SHAPE, marks)
    }
    this.#newChild(parent, tail, this.all.push(shape) - 1, shape.isCanonical ? 0 : ODD_SHAPE)
  }

  #childOf(parent: number, literal: Buffer, marks: number): number | undefined {
    for (let node = this.#get(parent, CHILD); node !== 0; node = this.#get(node, SIBLING)) {
      if (this.#get(node, MARKS) !== marks || this.#get(node, SHAPE) !== NO_SHAPE) continue
      const from = this.#get(node, LITERAL)
      if (literal.equals(this.#kernel.bytes.subarray(from, from + this.#get(node, LENGTH)))) return node
    }
    return undefined
  }

  #newChild(parent: number, literal: Buffer, shape: number, marks: number): number {
    const node = NODES + this.#nodes++ * NODE_BYTES
    this.#set(node, LITERAL, this.#literalsEnd)
    this.#set(node, LENGTH, literal.length)
    this.#set(node, SHAPE, shape)
    this.#set(node, MARKS, marks)
    this.#set(node, SIBLING, this.#get(parent, CHILD))
    this.#set(parent, CHILD, node)
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
