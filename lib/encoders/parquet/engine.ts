// The contract between the Parquet format and the packages that write Parquet: columns of values in, bytes out. An engine
// knows nothing of records, and gets no value that does not fit its column.
import type { Emit } from '../format.js'
import type { TypedColumn } from './column-types.js'
import type { Codec } from './compression.js'
import type { Value } from './types.js'

export type { Codec } from './compression.js'

/** Writes one file. */
export interface ParquetEngine {
  /**
   * Writes a row group.
   * @param columns the values of each column, in the order of the columns
   * @param rows how many values each column has, at least 1
   */
  writeGroup(columns: readonly (readonly Value[])[], rows: number): void | Promise<void>
  /** Writes the footer; nothing comes after. */
  finish(metadata: Readonly<Record<string, string>>): Promise<void> | undefined
}

/** Begins a file. */
export type OpenEngine = (columns: readonly TypedColumn[], codec: Codec, emit: Emit) => ParquetEngine

/** A package that writes Parquet. */
export type EngineName = 'hyparquet-writer' | 'parquetjs-lite'

interface EngineFacts {
  readonly codecs: readonly Codec[]
  /** Whether it can write lists, structs and maps. */
  readonly nests: boolean
  /** Loads the package, so that only who uses it pays for it. */
  readonly load: () => Promise<OpenEngine>
}

/** What each engine can do. */
export const engines: Readonly<Record<EngineName, EngineFacts>> = {
  'hyparquet-writer': {
    codecs: ['snappy', 'gzip', 'zstd', 'uncompressed'],
    nests: true,
    load: async () => (await import('./hyparquet-engine.js')).openHyparquet,
  },
  'parquetjs-lite': {
    codecs: ['snappy', 'gzip', 'uncompressed'],
    nests: false,
    load: async () => (await import('./parquetjs-engine.js')).openParquetjs,
  },
}
