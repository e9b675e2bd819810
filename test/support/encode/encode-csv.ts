// Encodes records in a pipeline as a user does, and reads CSV with csv-parse, which shares no code with the encoder of the library.
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { parse, type Options as ParseOptions } from 'csv-parse/sync'
import type { CsvOptions } from '../../../lib/encode/csv/dialect.js'
import type { Encoder, EncoderStats } from '../../../lib/encode/encoder.js'
import { toCsv } from '../../../lib/encode/csv/to-csv.js'

export async function encodeRecords(records: Iterable<unknown>, encoder: Encoder): Promise<Buffer> {
  const chunks: Buffer[] = []
  await pipeline(Readable.from(records), encoder, async (bytes: AsyncIterable<Buffer>) => {
    for await (const chunk of bytes) chunks.push(chunk)
  })
  return Buffer.concat(chunks)
}

export async function encodeCsv(records: Iterable<unknown>, options?: CsvOptions): Promise<string> {
  return (await encodeRecords(records, toCsv(options))).toString()
}

/** A CSV file of these records with what the encoder counted. */
export async function encodeCsvWithStats(
  records: Iterable<unknown>,
  options?: CsvOptions,
): Promise<{ text: string; stats: Readonly<EncoderStats> }> {
  const encoder = toCsv(options)
  const bytes = await encodeRecords(records, encoder)
  return { text: bytes.toString(), stats: encoder.stats }
}

/** Returns the rows of a CSV text as csv-parse reads them. */
export const readCsv = (text: string, options: ParseOptions = {}): string[][] => parse(text, options)
