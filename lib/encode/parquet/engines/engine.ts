// This folder has one file per package that can write Parquet. This file is their contract: an engine gets cells column by
// column, keeps the values of the open row group and emits bytes.
import type { RecordSpans } from '../../../fastpath/scan/record-spans.js'
import type { Emit } from '../../format.js'
import type { ColumnWriter, SpanColumnWriter } from '../columns/column-writer.js'
import type { TypedColumn } from '../columns/decide-column-type.js'
import type { Codec } from '../bytes/codecs.js'

export type { Codec } from '../bytes/codecs.js'

/** Writes one file. */
export interface ParquetEngine {
  /** The writers of the columns, in their order. */
  readonly columnWriters: readonly ColumnWriter[]
  /** The same writers, if they accept spans of the loaded block. */
  readonly spanColumnWriters?: readonly SpanColumnWriter[]
  /** Loads a block of records from `from` up to at most `to`. Returns the end of the block. */
  readonly loadBlock?: (spans: RecordSpans, from: number, to: number) => number
  /**
   * Writes the values of all columns as a row group, and starts the next one.
   * @param rows the number of rows in the group
   */
  writeGroup(rows: number): Promise<void>
  /** Writes the footer. */
  finish(metadata: Readonly<Record<string, string>>): Promise<void>
}

/** Starts a file. */
export type OpenEngine = (columns: readonly TypedColumn[], codec: Codec, emit: Emit) => ParquetEngine

/** A package that writes Parquet. */
export type EngineName = 'hyparquet-writer' | 'parquetjs-lite'

interface EngineCapabilities {
  readonly codecs: readonly Codec[]
  /** True if it can write lists, structs and maps. */
  readonly canWriteNested: boolean
  /** True if its column writers accept spans. */
  readonly canTakeSpans: boolean
  /** Loads the package, and the module that the codec needs. */
  readonly load: (codec: Codec) => Promise<OpenEngine>
}

/** The capabilities of each engine. */
export const engines: Readonly<Record<EngineName, EngineCapabilities>> = {
  'hyparquet-writer': {
    codecs: ['snappy', 'gzip', 'zstd', 'uncompressed'],
    canWriteNested: true,
    canTakeSpans: true,
    load: async (codec) => {
      const [{ loadCodec }, { openHyparquet }] = await Promise.all([
        import('../bytes/codecs.js'),
        import('./hyparquet-engine.js'),
      ])
      await loadCodec(codec)
      return openHyparquet
    },
  },
  'parquetjs-lite': {
    codecs: ['snappy', 'gzip', 'uncompressed'],
    canWriteNested: false,
    canTakeSpans: false,
    load: async () => (await import('./parquetjs-engine.js')).openParquetjs,
  },
}
