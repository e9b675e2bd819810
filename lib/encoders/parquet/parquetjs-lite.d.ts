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

  interface Envelope {
    readonly useDataPageV2: boolean
    writeHeader(): unknown
    writeRowGroup(rows: RowBuffer): unknown
    writeIndex(): unknown
    writeFooter(metadata: Record<string, string>): unknown
    close(): unknown
  }

  interface ParquetWriter {
    rowBuffer: RowBuffer
    close(): Promise<void>
  }

  const parquet: {
    ParquetSchema: new (fields: Record<string, FieldDefinition>) => ParquetSchema
    ParquetWriter: new (schema: ParquetSchema, envelope: Envelope, options: object) => ParquetWriter
    ParquetEnvelopeWriter: new (
      schema: ParquetSchema,
      write: (bytes: Uint8Array) => unknown,
      close: () => unknown,
      offset: number,
      options: { pageIndex?: boolean },
    ) => Envelope
  }
  export type { ColumnData, Envelope, FieldDefinition, RowBuffer, ParquetSchema }
  export default parquet
}
