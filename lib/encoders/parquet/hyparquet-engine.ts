// The only file that knows hyparquet-writer.
import { ByteWriter, ParquetWriter } from 'hyparquet-writer'
import type { Emit } from '../format.js'
import { gzip, zstd } from './compression.js'
import type { Codec, OpenEngine, ParquetEngine } from './engine.js'
import { leavesOf, schemaOf } from './hyparquet-schema.js'
import type { TypedColumn } from './column-types.js'
import type { Value } from './types.js'

const codecs = { snappy: 'SNAPPY', gzip: 'GZIP', zstd: 'ZSTD', uncompressed: 'UNCOMPRESSED' } as const

/** Hands its bytes over after every row group; offsets go on growing. */
class EmittingWriter extends ByteWriter {
  readonly #emit: Emit

  constructor(emit: Emit) {
    super()
    this.#emit = emit
  }

  flush(): Promise<void> | undefined {
    const bytes = new Uint8Array(this.buffer, 0, this.index)
    this.buffer = new ArrayBuffer(1024)
    this.view = new DataView(this.buffer)
    this.index = 0
    return this.#emit(bytes)
  }
}

/** Begins a file that hyparquet-writer writes. */
export const openHyparquet: OpenEngine = (columns, codec, emit) => new HyparquetEngine(columns, codec, emit)

class HyparquetEngine implements ParquetEngine {
  readonly #columns: readonly TypedColumn[]
  readonly #output: EmittingWriter
  readonly #writer: ParquetWriter

  constructor(columns: readonly TypedColumn[], codec: Codec, emit: Emit) {
    this.#columns = columns
    this.#output = new EmittingWriter(emit)
    this.#writer = new ParquetWriter({
      writer: this.#output,
      schema: schemaOf(columns, 'data'),
      codec: codecs[codec],
      compressors: { GZIP: gzip, ...(zstd && { ZSTD: zstd }) },
      createdBy: 'optimize-export',
    })
  }

  writeGroup(values: readonly (readonly Value[])[], rows: number): void | Promise<void> {
    const columnData = this.#columns.map(({ name, type }, at) => ({
      name,
      data: values[at] as Value[],
      statistics: type !== 'json',
      ...(holdsMinusZero(values[at]!) && { encoding: 'PLAIN' as const }),
    }))
    return this.#writer.write({ columnData, rowGroupSize: rows })
  }

  finish(metadata: Readonly<Record<string, string>>): Promise<void> | undefined {
    if (this.#writer.row_groups.length === 0) this.#addEmptyGroup()
    this.#writer.schema = schemaOf(this.#columns, 'footer')
    this.#writer.kvMetadata = Object.entries(metadata).map(([key, value]) => ({ key, value }))
    void this.#writer.finish()
    return this.#output.flush()
  }

  /** The writer gives an empty list of row groups the element type BYTE, which Arrow's Rust reader refuses. */
  #addEmptyGroup(): void {
    const columns = leavesOf(this.#columns).map(({ path, type }) => ({
      file_offset: 0n,
      meta_data: {
        type,
        encodings: ['PLAIN' as const],
        path_in_schema: path,
        codec: 'UNCOMPRESSED' as const,
        num_values: 0n,
        total_uncompressed_size: 0n,
        total_compressed_size: 0n,
        data_page_offset: 4n,
      },
    }))
    this.#writer.row_groups.push({ columns, total_byte_size: 0n, num_rows: 0n })
  }
}

/** The writer's dictionary is a Map, where -0 and 0 are one key, so that one would become the other. */
function holdsMinusZero(values: readonly Value[]): boolean {
  return values.some((value) =>
    typeof value === 'object' && value !== null
      ? holdsMinusZero(Object.values<Value>(value as Record<string, Value>))
      : Object.is(value, -0),
  )
}
