// The parts of parquetjs-lite 0.8.7 that the engine uses. The package has no types.
declare module 'parquetjs-lite' {
  interface FieldDefinition {
    /** A converted type or a physical type. */
    type: string
    optional: boolean
    compression: string
    statistics: boolean
  }

  interface ParquetField {
    name: string
    path: string[]
    readonly primitiveType: string
    readonly originalType?: string
  }

  interface ParquetSchema {
    readonly fieldList: ParquetField[]
  }

  /** The values of rows. Encoded pages are added to `pages`. */
  interface RowBuffer {
    rowCount: number
    pageRowCount: number
    columnData: Record<string, ColumnData>
    pages: Record<string, unknown[]>
  }

  interface ColumnData {
    dlevels: number[]
    rlevels: number[]
    /** The values that the encoding of the primitive type expects, without nulls. */
    values: unknown[]
    /** The values from which minimum and maximum are computed. */
    distinct_values: Set<unknown>
    count: number
  }

  /** The bounds of a chunk. Each bound also has an older name; both names share the same bytes. */
  interface Statistics {
    min_value: Buffer | null
    max_value: Buffer | null
  }

  interface RowGroup {
    readonly columns: readonly { readonly meta_data: { readonly statistics: Statistics } }[]
  }

  interface WriterFile {
    readonly useDataPageV2: boolean
    writeHeader(): unknown
    writeRowGroup(rows: RowBuffer): unknown
    writeIndex(): unknown
    writeFooter(): unknown
    close(): unknown
  }

  interface Envelope extends WriterFile {
    readonly rowCount: number
    readonly rowGroups: readonly RowGroup[]
  }

  interface ParquetWriter {
    rowBuffer: RowBuffer
    close(): Promise<void>
  }

  const parquet: {
    ParquetSchema: new (fields: Record<string, FieldDefinition>) => ParquetSchema
    ParquetWriter: new (schema: ParquetSchema, file: WriterFile, options: object) => ParquetWriter
    ParquetEnvelopeWriter: new (
      schema: ParquetSchema,
      write: (bytes: Uint8Array) => unknown,
      close: () => unknown,
      offset: number,
      options: { pageIndex?: boolean },
    ) => Envelope
  }
  export type { ColumnData, Envelope, FieldDefinition, RowBuffer, ParquetSchema, Statistics, WriterFile }
  export default parquet
}

declare module 'parquetjs-lite/gen-nodejs/parquet_types.js' {
  interface Thrift {
    write(output: unknown): void
  }

  type Struct = new (fields?: Readonly<Record<string, unknown>>) => Thrift
  type Enum = Readonly<Record<string, number>>

  const types: Readonly<
    Record<
      | 'FileMetaData'
      | 'SchemaElement'
      | 'KeyValue'
      | 'LogicalType'
      | 'TimestampType'
      | 'TimeUnit'
      | 'MilliSeconds'
      | 'ColumnOrder'
      | 'TypeDefinedOrder',
      Struct
    > &
      Record<'Type' | 'ConvertedType' | 'FieldRepetitionType', Enum>
  >
  export type { Thrift }
  export default types
}

declare module 'parquetjs-lite/lib/util.js' {
  import type { Thrift } from 'parquetjs-lite/gen-nodejs/parquet_types.js'
  const util: { serializeThrift: (struct: Thrift) => Buffer }
  export default util
}
