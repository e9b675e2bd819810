// Records through toParquet() as users run it, and the file read back by both readers.
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { EncoderStats } from '../../lib/encode/encoder.js'
import { toParquet, type ParquetOptions } from '../../lib/encode/parquet/to-parquet.js'
import { readBytesWithDuckdb, readWithHyparquet, type DuckdbRead, type TableRead } from './read-parquet.js'

export const bothEngines = ['hyparquet-writer', 'parquetjs-lite'] as const

/** The bytes of a file and what the encoder counted; `make` is for a toParquet() loaded with mocks. */
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

/** A file of these records as DuckDB and as hyparquet read it. */
export async function roundTrip(
  records: Iterable<unknown>,
  options?: ParquetOptions,
): Promise<{ duckdb: DuckdbRead; hyparquet: TableRead; bytes: Buffer; stats: Readonly<EncoderStats> }> {
  const { bytes, stats } = await encodeParquet(records, options)
  return { duckdb: await readBytesWithDuckdb(bytes), hyparquet: await readWithHyparquet(bytes), bytes, stats }
}
