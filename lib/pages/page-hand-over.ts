// How an export hands pages to an encoder, or to a dataset, that reads the export by pipeline() or .pipe(), directly or through
// `flowNodeEvents` without `naming`. If all readers of the export are like this, they get whole pages by a direct call. Otherwise they get
// records, because the object-mode stream carries records only. The output of an encoder is the same from pages and from records.

import type { RecordBatch } from './record-batch.js'

/** A page that a consumer has got and has not yet finished. */
export class PageInFlight {
  readonly records: RecordBatch
  /**
   * Tells the export that the next page may be fetched, because few records of this one are still to be encoded. If the page has
   * at most 1024 records, the encoder calls this before it encodes the first.
   */
  readonly release: (consumer: PageConsumer) => void
  /** True if other readers use the same bytes. If false, the encoder may change the bytes and pass them on. */
  readonly isShared: boolean
  /**
   * Tells the export that the consumer does not read the page any more. The export frees the memory of the page when all consumers have
   * finished the page. If one of them never does, V8 frees the memory.
   * @param keepsBytes true if the bytes of the page are still in use, because the consumer has emitted them
   */
  readonly finish: (consumer: PageConsumer, keepsBytes?: boolean) => void

  constructor(
    records: RecordBatch,
    release: (consumer: PageConsumer) => void,
    isShared = true,
    finish: PageInFlight['finish'] = () => undefined,
  ) {
    this.records = records
    this.release = release
    this.isShared = isShared
    this.finish = finish
  }
}

/** An encoder, a dataset, or a transform before them, as an export sees it. */
export interface PageConsumer {
  /** False while the consumer needs records instead of pages. */
  readonly canTakePages: boolean
  /** Takes a page, whose records come after all records that were written before. */
  readonly takePage: (page: PageInFlight) => void
}

export interface ExportFacts {
  readonly reportId: string
  /** Records of the whole report according to the newest page; undefined before the first. */
  readonly total: number | undefined
  readonly startedAt: Date
}

/** The result for an encoder that has attached itself to an export, or to a transform after it. */
export interface PageAttachment {
  /** Undefined if a transform is between the export and the encoder. */
  readonly facts: ExportFacts | undefined
  /** Ends the hand-over. The encoder gets no more pages, and the export treats its current page as released. */
  detach(): void
}

export const attachKey: unique symbol = Symbol('optimize-export.attach')

/** A stream as its reader sees it. An export, or a transform after it that takes pages, has the method, which attaches a page consumer. */
export interface PageStream {
  [attachKey]?(consumer: PageConsumer): PageAttachment
}
