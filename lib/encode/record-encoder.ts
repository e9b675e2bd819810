// The contract between the encoder stream and what it encodes with: the table encoder, or the encoder of a format without a table.
import type { ExportFacts } from '../pages/page-hand-over.js'
import type { RecordSpans } from '../spans/record-spans.js'
import type { RecordOrRow } from '../shared/types.js'
import type { EncoderWarning } from './encoder.js'
import type { Emit } from './format.js'

export interface RecordEncoder {
  writeRecords(records: readonly RecordOrRow[]): void | Promise<void>
  /**
   * The same for records that are still bytes; an encoder without this method gets objects.
   * @param isShared true if another reader uses the same bytes; if false, the encoder may change them and emit them
   */
  readonly writeSpans?: ((records: RecordSpans, isShared: boolean) => void | Promise<void>) | undefined
  /**
   * The part of the last written page that is still in use: `page` if the encoder holds its records, `bytes` if it has emitted the bytes.
   * The export does not free this part; V8 frees it later. An encoder without `writeSpans` keeps nothing.
   */
  readonly keptPart?: 'page' | 'bytes' | undefined
  /** Emits the bytes that are held so far. */
  flush?(): void | Promise<void>
  end(): void | Promise<void>
  /** Frees resources outside memory, such as a temporary file; called once, also after a failure. */
  dispose?(): void | Promise<void>
}

export type Warn = (warning: EncoderWarning) => void

export interface EncoderContext {
  /** Returns the facts of the export that is piped directly into the encoder, or undefined if the source is another stream. */
  readonly getExportFacts: () => ExportFacts | undefined
  /** Returns the columns of a file without rows, if the stream that is piped into the encoder has them. */
  readonly getColumnsIfEmpty: () => readonly string[] | undefined
  /** Returns true if the records are a part of a table whose names are checked elsewhere. */
  readonly isPartOfTable: () => boolean
  readonly warn: Warn
}

export type CreateRecordEncoder = (emit: Emit, context: EncoderContext) => RecordEncoder
