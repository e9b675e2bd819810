import { codecs, getParquetjsName, parquetCodecs, type ParquetCodec } from '../bytes/codecs.js'
import type { OpenEngine } from '../../typed/column-engine.js'

interface EngineSpec {
  readonly codecs: readonly ParquetCodec[]
  readonly canWriteNested: boolean
  readonly canWriteDatesAndDecimals: boolean
  readonly canTakeSpans: boolean
  readonly load: (codec: ParquetCodec) => Promise<OpenEngine>
}

export const engines = {
  'hyparquet-writer': {
    codecs: parquetCodecs,
    canWriteNested: true,
    canWriteDatesAndDecimals: true,
    canTakeSpans: true,
    load: async (codec) => {
      const { id, load } = codecs[codec]
      const [compress, { HyparquetEngine }] = await Promise.all([load(), import('./hyparquet-engine.js')])
      return (...args) => new HyparquetEngine({ id, compress }, ...args)
    },
  },
  'parquetjs-lite': {
    codecs: parquetCodecs.filter(getParquetjsName),
    canWriteNested: false,
    canWriteDatesAndDecimals: false,
    canTakeSpans: false,
    load: async (codec) => {
      const { ParquetjsEngine } = await import('./parquetjs-engine.js')
      return (...args) => new ParquetjsEngine(getParquetjsName(codec)!, ...args)
    },
  },
} satisfies Readonly<Record<string, EngineSpec>>

/** A package that writes Parquet. */
export type EngineName = keyof typeof engines
