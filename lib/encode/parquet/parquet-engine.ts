// The contract between the Parquet format and the packages that write Parquet: cells in, column by column, and bytes out. An
// engine knows nothing of records; it keeps the values of the row group at hand in the form in which it writes them.
import type { RecordSpans } from '../../fastpath/scan/record-spans.js'
import type { Emit } from '../format.js'
import type { ColumnWriter, SpanColumnWriter } from './column-writer.js'
import type { TypedColumn } from './decide-column-type.js'
import type { Codec } from './page-compression.js'

export type { Codec } from './page-compression.js'

/** Writes one file. */
export interface ParquetEngine {
  /** Takes the cells of each column. */
  readonly columnWriters: readonly ColumnWriter[]
  /** The same builders, where they take spans: of the block that was shown last. */
  readonly spanColumnWriters?: readonly SpanColumnWriter[]
  /** Has records from `from` on in the block at hand, `to` at most; returns how far it goes. */
  readonly loadBlock?: (spans: RecordSpans, from: number, to: number) => number
  /**
   * Writes what the builders took as a row group, and starts the next.
   * @param rows how many cells each of them took, at least 1
   */
  writeGroup(rows: number): Promise<void>
  /** Writes the footer; nothing comes after. */
  finish(metadata: Readonly<Record<string, string>>): Promise<void>
}

/** Begins a file. */
export type OpenEngine = (columns: readonly TypedColumn[], codec: Codec, emit: Emit) => ParquetEngine

/** A package that writes Parquet. */
export type EngineName = 'hyparquet-writer' | 'parquetjs-lite'

interface EngineCapabilities {
  readonly codecs: readonly Codec[]
  /** Whether it can write lists, structs and maps. */
  readonly canWriteNested: boolean
  /** Whether its builders take spans. */
  readonly canTakeSpans: boolean
  /** Loads the package and what the codec needs, so that an export pays only for what it uses. */
  readonly load: (codec: Codec) => Promise<OpenEngine>
}

/** The abilities of each engine. */
export const engines: Readonly<Record<EngineName, EngineCapabilities>> = {
  'hyparquet-writer': {
    codecs: ['snappy', 'gzip', 'zstd', 'uncompressed'],
    canWriteNested: true,
    canTakeSpans: true,
    load: async (codec) => {
      const [{ loadCodec }, { openHyparquet }] = await Promise.all([
        import('./page-compression.js'),
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
