// parquetjs-lite 0.8.7 has no types; this is what the engine uses of it.
declare module 'parquetjs-lite' {
  interface FieldDefinition {
    type: 'UTF8' | 'JSON' | 'INT64' | 'DOUBLE' | 'BOOLEAN' | 'TIMESTAMP_MILLIS'
    optional: boolean
    compression: 'SNAPPY' | 'GZIP' | 'UNCOMPRESSED'
    statistics: boolean
  }

  interface ParquetField {
    name: string
    path: string[]
    readonly primitiveType: string
    readonly originalType?: string
  }

  interface ParquetSchema {
    /** One for each column, in their order. */
    readonly fieldList: ParquetField[]
  }

  /** What rows were shredded into; `pages` fills as pages are encoded. */
  interface RowBuffer {
    rowCount: number
    pageRowCount: number
    columnData: Record<string, ColumnData>
    pages: Record<string, unknown[]>
  }

  interface ColumnData {
    dlevels: number[]
    rlevels: number[]
    /** As the encoding of the primitive type takes them, without nulls. */
    values: unknown[]
    /** What minimum and maximum are taken from. */
    distinct_values: Set<unknown>
    count: number
  }

  /** Of a chunk that has them, each bound twice: under its old name and its new one, which share their bytes. */
  interface Statistics {
    min_value: Buffer | null
    max_value: Buffer | null
  }

  interface RowGroup {
    readonly columns: readonly { readonly meta_data: { readonly statistics: Statistics } }[]
  }

  /** A file as a writer uses it. */
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
  /** A struct of the file's metadata. */
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
