// Creates the encoder of a format whose columns have types and whose files are written by an engine: Parquet and Arrow.
import { createStats } from '../encoder.js'
import { EncoderStream } from '../encoder-stream.js'
import { TableEncoder } from '../table/table-encoder.js'
import { EngineFormat, type EngineFormatPlan } from './engine-format.js'
import { createFileMetadata } from './file-metadata.js'
import { createSchemaPlan, type ResolvedTypedOptions, type SchemaPlan } from './typed-options.js'

/** The part of the plan that depends on the engine and its options. */
export interface EnginePlan extends Omit<EngineFormatPlan, 'where' | 'getMetadata' | keyof SchemaPlan> {
  /** True if the columns of the file may be lists, structs and maps. */
  readonly canWriteNested: boolean
}

export function createEngineEncoder(
  where: string,
  options: ResolvedTypedOptions,
  enginePlan: EnginePlan,
): EncoderStream {
  const schemaPlan = createSchemaPlan(where, options, enginePlan.canWriteNested)
  const stats = { ...createStats(), rowGroups: 0 }
  return new EncoderStream(where, stats, (emit, context) => {
    const getMetadata = () => createFileMetadata(context, options.metadata)
    const format = new EngineFormat({ where, ...enginePlan, ...schemaPlan, getMetadata }, stats, emit)
    return new TableEncoder(schemaPlan.columnPlan, format, stats, context, schemaPlan.typePlan.mapFields)
  })
}
