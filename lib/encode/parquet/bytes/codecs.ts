import zlib from 'node:zlib'
import type { Compressor } from '../../../leaves/column-chunk-builder.js'

interface CodecSpec {
  /** Parquet's number for the codec. Source: CompressionCodec in parquet.thrift of apache/parquet-format. */
  readonly id: number
  /** The name of the codec in parquetjs-lite; undefined if parquetjs-lite lacks the codec. */
  readonly parquetjsName?: string
  readonly load: () => Promise<Compressor>
}

/** The compression inside a Parquet file. */
export type ParquetCodec = 'snappy' | 'gzip' | 'zstd' | 'uncompressed'

// the type is declared, because the declaration file with the inferred type does not compile with TypeScript before 5.7
export const codecs: Readonly<Record<ParquetCodec, CodecSpec>> = {
  snappy: {
    id: 1,
    parquetjsName: 'SNAPPY',
    load: async () => (await import('./snappy.js')).createSnappyCompressor(),
  },
  gzip: { id: 2, parquetjsName: 'GZIP', load: () => Promise.resolve((bytes) => zlib.gzipSync(bytes)) },
  zstd: { id: 6, load: async () => (await import('./zstd.js')).loadZstd() },
  uncompressed: { id: 0, parquetjsName: 'UNCOMPRESSED', load: () => Promise.resolve((bytes) => new Uint8Array(bytes)) },
}

/** The codecs in the option `codec` of `toParquet`. */
export const parquetCodecs = Object.keys(codecs) as readonly ParquetCodec[]

export const getParquetjsName = (codec: ParquetCodec): string | undefined => codecs[codec].parquetjsName
