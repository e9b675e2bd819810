// This folder has one file per package that can write Parquet. This file is their contract: an engine gets cells column by
// column, keeps the values of the open row group and emits bytes.
import type { RecordSpans } from '../../../fastpath/scan/record-spans.js'
import type { Emit } from '../../format.js'
import type { ColumnWriter, SpanColumnWriter } from '../columns/column-writer.js'
import type { TypedColumn } from '../columns/decide-column-type.js'
import { codecs, getParquetjsName, parquetCodecs, type ParquetCodec } from '../bytes/codecs.js'

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
export type OpenEngine = (columns: readonly TypedColumn[], emit: Emit) => ParquetEngine

interface EngineSpec {
  readonly codecs: readonly ParquetCodec[]
  /** True if it can write lists, structs and maps. */
  readonly canWriteNested: boolean
  /** True if it can write dates and decimals. */
  readonly canWriteExact: boolean
  /** True if its column writers accept spans. */
  readonly canTakeSpans: boolean
  /** Loads the package and the codec. */
  readonly load: (codec: ParquetCodec) => Promise<OpenEngine>
}

/** The engines by the names of their packages. */
export const engines = {
  'hyparquet-writer': {
    codecs: parquetCodecs,
    canWriteNested: true,
    canWriteExact: true,
    canTakeSpans: true,
    load: async (codec) => {
      const { id, load } = codecs[codec]
      const [compress, { openHyparquet }] = await Promise.all([load(), import('./hyparquet-engine.js')])
      return (columns, emit) => openHyparquet(columns, { id, compress }, emit)
    },
  },
  'parquetjs-lite': {
    codecs: parquetCodecs.filter(getParquetjsName),
    canWriteNested: false,
    canWriteExact: false,
    canTakeSpans: false,
    load: async (codec) => {
      const { openParquetjs } = await import('./parquetjs-engine.js')
      return (columns, emit) => openParquetjs(columns, getParquetjsName(codec)!, emit)
    },
  },
} satisfies Readonly<Record<string, EngineSpec>>

/** A package that writes Parquet. */
export type EngineName = keyof typeof engines
