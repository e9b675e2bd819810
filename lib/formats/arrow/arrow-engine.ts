// Writes record batches as a Parquet engine writes row groups, so that both formats have the same columns, types and errors.
import type { TypedColumn } from '../../encode/typed/decide-column-type.js'
import { createColumnWriter } from '../../encode/typed/create-column-writer.js'
import type { LeafLevels } from '../../leaves/leaf-builder.js'
import type { NodeWriter } from '../../encode/typed/node-writer.js'
import type { ColumnEngine, GetMetadata } from '../../encode/typed/column-engine.js'
import type { Emit } from '../../encode/format.js'
import { ArrowMessages, type ArrowModule } from './arrow-library.js'
import { ArrowLeafBuilder } from './arrow-leaf.js'

export class ArrowEngine implements ColumnEngine {
  readonly columnWriters: readonly NodeWriter[]
  readonly spanColumnWriters: readonly NodeWriter[]
  readonly #leaves: ArrowLeafBuilder[] = []
  readonly #leavesByColumn: (readonly ArrowLeafBuilder[])[] = []
  readonly #messages: ArrowMessages
  readonly #emit: Emit
  #hasBegun = false

  constructor(arrow: ArrowModule, columns: readonly TypedColumn[], emit: Emit, getMetadata: GetMetadata) {
    const createLeafBuilder = (kind: number, levels: LeafLevels) => {
      const leaf = new ArrowLeafBuilder(kind, levels)
      this.#leaves.push(leaf)
      return leaf
    }
    this.columnWriters = columns.map((column) => {
      const first = this.#leaves.length
      const writer = createColumnWriter(column, createLeafBuilder)
      this.#leavesByColumn.push(this.#leaves.slice(first))
      return writer
    })
    this.spanColumnWriters = this.columnWriters
    this.#messages = new ArrowMessages(arrow, columns, getMetadata())
    this.#emit = emit
  }

  loadBlock(_spans: unknown, _from: number, to: number): number {
    return to
  }

  async writeGroup(rows: number): Promise<void> {
    await this.#begin()
    const bytes = this.#messages.encodeBatch(rows, this.#leavesByColumn)
    for (const leaf of this.#leaves) leaf.clear()
    await this.#emit(bytes)
  }

  async finish(): Promise<void> {
    await this.#begin()
    await this.#emit(this.#messages.end)
  }

  async #begin(): Promise<void> {
    if (this.#hasBegun) return
    this.#hasBegun = true
    await this.#emit(this.#messages.start)
  }
}
