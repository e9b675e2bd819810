// The stream of the transforms: records in, rows out. If its plan has the options of a RowMaker, and only encoders or datasets read it, it
// takes whole pages of an export and hands on rows that are still bytes. Otherwise it makes rows as objects.
import { Transform, type TransformCallback } from 'node:stream'
import { toRecords } from '../pages/record-batch.js'
import type { RecordLayout } from '../spans/record-layout.js'
import { RecordSpans } from '../spans/record-spans.js'
import { PageConsumers } from '../pages/page-consumers.js'
import { RowMaker, type RowMakerOptions } from '../fastpath/rows/row-maker.js'
import { checkRecord } from '../schema/rows/check-record.js'
import { expandRecord } from '../schema/rows/group-rows.js'
import { NameMatcher, createUnmatchedWarnings, type NamesInOption } from '../schema/names/name-matcher.js'
import type { MiningWarning } from '../schema/rows/mining-events.js'
import { attachKey, PageInFlight, type PageAttachment, type PageConsumer } from '../pages/page-hand-over.js'
import { PageReceiver } from '../pages/page-receiver.js'
import { stopDataEvents } from '../shared/streams/stop-data-events.js'
import type { RecordOrRow, Row } from '../shared/types.js'

export interface RowStreamPlan {
  readonly where: string
  readonly strict: boolean
  readonly namesInOptions: readonly NamesInOption[]
  readonly createRows: (record: RecordOrRow) => readonly Row[]
  /** The options with which a RowMaker makes the same rows from bytes; undefined if the rows must be made from objects. */
  readonly rowMakerOptions: RowMakerOptions | undefined
  /** Returns warnings that are not about names; called at the end. */
  readonly createWarnings?: (() => readonly MiningWarning[]) | undefined
}

export class RowStream extends Transform {
  readonly #plan: RowStreamPlan
  readonly #names: NameMatcher
  readonly #rowMaker: RowMaker | undefined
  readonly #matchedLayouts = new Set<RecordLayout>()
  readonly #consumers = new PageConsumers(this)
  readonly #sources = new PageReceiver(this, () => this.#rowMaker !== undefined && this.#consumers.canTakePages)

  constructor(plan: RowStreamPlan) {
    super({ objectMode: true })
    this.#plan = plan
    this.#names = new NameMatcher(plan.namesInOptions)
    this.#rowMaker = plan.rowMakerOptions && new RowMaker(plan.rowMakerOptions)
  }

  [attachKey](consumer: PageConsumer): PageAttachment {
    this.#consumers.attach(consumer)
    return { facts: undefined, detach: () => this.#consumers.detach(consumer) }
  }

  override _transform(chunk: unknown, _encoding: BufferEncoding, done: TransformCallback): void {
    this.#attempt(done, () => {
      if (chunk instanceof PageInFlight) this.#transformPage(chunk)
      else this.#transformRecord(checkRecord(this.#plan.where, chunk))
    })
  }

  override _flush(done: TransformCallback): void {
    const { where, strict, createWarnings } = this.#plan
    this.#attempt(done, () => {
      for (const warning of createWarnings?.() ?? []) this.emit('warning', warning)
      for (const warning of createUnmatchedWarnings(where, this.#names.unmatched, strict)) this.emit('warning', warning)
    })
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    stopDataEvents(this)
    done(error)
  }

  #attempt(done: TransformCallback, work: () => void): void {
    try {
      work()
      done()
    } catch (error) {
      done(error as Error)
    }
  }

  /**
   * Hands the rows of a page to its readers as bytes. Emits the rows as objects if a reader needs objects, or if the rows cannot be made
   * from bytes.
   */
  #transformPage(page: PageInFlight): void {
    const release = () => page.release(this.#sources)
    const { records } = page
    // groups are read as objects, because options may name columns of pairs, which no layout has
    const spans = records instanceof RecordSpans && !records.mayHaveGroups ? records : undefined
    const rows = this.#consumers.canTakePages && spans ? this.#rowMaker?.makeRows(spans) : undefined
    if (spans && rows) {
      this.#matchLayouts(spans)
      const finish = () => {
        // if the records themselves are the rows, other readers of the page use the same tables
        if (rows.recordTable !== spans.recordTable) rows.freeTables()
        page.finish(this.#sources)
      }
      this.#consumers.handOver(rows, release, finish, true)
    } else {
      for (const record of toRecords(records)) this.#transformRecord(record)
      release()
      page.finish(this.#sources)
    }
  }

  #transformRecord(record: RecordOrRow): void {
    if (this.#names.hasUnmatchedNames) for (const row of expandRecord(record)) this.#names.matchRecord(row)
    for (const row of this.#plan.createRows(record)) this.push(row)
  }

  #matchLayouts(records: RecordSpans): void {
    if (!this.#names.hasUnmatchedNames) return
    for (const { layout } of records.listLayoutRuns()) {
      if (this.#matchedLayouts.has(layout)) continue
      this.#matchedLayouts.add(layout)
      this.#names.matchRecord(layout.slotRecord)
    }
  }
}
