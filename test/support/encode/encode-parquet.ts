// Encodes records with toParquet() in a pipeline as a user does, and reads the file with two readers.
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { EncoderStats } from '../../../lib/encode/encoder.js'
import { toParquet, type ParquetOptions } from '../../../lib/encode/parquet/to-parquet.js'
import { readBytesWithDuckdb, readWithHyparquet, type DuckdbRead, type TableRead } from '../readers/read-parquet.js'

export const bothEngines = ['hyparquet-writer', 'parquetjs-lite'] as const

/** Returns the bytes of a file and the counts of the encoder. `createEncoder` may be a toParquet() that was loaded with mocks. */
export async function encodeParquet(
  records: Iterable<unknown>,
  options?: ParquetOptions,
  createEncoder = toParquet,
): Promise<{ bytes: Buffer; stats: Readonly<EncoderStats>; chunks: Buffer[] }> {
  const encoder = createEncoder(options)
  const chunks: Buffer[] = []
  await pipeline(Readable.from(records), encoder, async (bytes: AsyncIterable<Buffer>) => {
    for await (const chunk of bytes) chunks.push(chunk)
  })
  return { bytes: Buffer.concat(chunks), stats: encoder.stats, chunks }
}

/** Encodes these records. Returns the table that DuckDB reads from the file, and the one that hyparquet reads. */
export async function roundTrip(
  records: Iterable<unknown>,
  options?: ParquetOptions,
): Promise<{ duckdb: DuckdbRead; hyparquet: TableRead; bytes: Buffer; stats: Readonly<EncoderStats> }> {
  const { bytes, stats } = await encodeParquet(records, options)
  return { duckdb: await readBytesWithDuckdb(bytes), hyparquet: await readWithHyparquet(bytes), bytes, stats }
}
