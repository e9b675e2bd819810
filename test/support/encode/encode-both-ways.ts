// Runs one export in two ways: with an encoder piped directly from it, and with a stream of records between.
import { deepStrictEqual } from 'node:assert/strict'
import { PassThrough, type Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { exportStream, type Encoder, type ExportError } from '../../../lib/index.js'
import { Collector } from './collector.js'
import { createFetch } from '../random/hostile-pages.js'

/** Creates an export whose answers are these pages, one after another. */
export const createExport = (pages: readonly string[]) =>
  exportStream({
    baseUrl: 'http://localhost',
    reportId: 'r',
    accessToken: 't',
    fetch: createFetch(pages),
    retry: { attempts: 1, minDelay: 0, maxDelay: 0 },
    maxRestarts: 0,
  })

/** Returns two files: one made of whole pages, the other made of records. A failure takes the place of its file, with code and message. */
export async function encodeBothWays(
  pages: readonly string[],
  createEncoder: () => Encoder,
): Promise<[Buffer, Buffer]> {
  const encodeTo = async (steps: Steps) => {
    const file = await encode(pages, steps, createEncoder())
    return typeof file === 'string' ? Buffer.from(file) : file.bytes
  }
  return [await encodeTo([]), await encodeTo([new PassThrough({ objectMode: true })])]
}

type Steps = readonly NodeJS.ReadWriteStream[]

/** The file, the figures and the warnings of an encoder. */
export interface EncodedFile {
  readonly bytes: Buffer
  readonly stats: Encoder['stats']
  readonly warnings: readonly string[]
}

/** Asserts that steps and an encoder after them write the same file from whole pages and from records. Returns the file or the failure. */
export async function assertSameBothWays(
  pages: readonly string[],
  createEncoder: () => Encoder,
  createSteps: () => Steps = () => [],
): Promise<EncodedFile | string> {
  const byPages = await encode(pages, createSteps(), createEncoder())
  const byRecords = await encode(pages, [new PassThrough({ objectMode: true }), ...createSteps()], createEncoder())
  // two failures are not compared: which failure comes first depends on how many records arrive at a time
  if (typeof byPages !== 'string' || typeof byRecords !== 'string') deepStrictEqual(byPages, byRecords)
  return byPages
}

async function encode(pages: readonly string[], steps: Steps, encoder: Encoder): Promise<EncodedFile | string> {
  const sink = new Collector()
  const warnings: string[] = []
  for (const stream of [...steps, encoder] as Encoder[]) stream.on('warning', ({ message }) => warnings.push(message))
  try {
    await pipeline([createExport(pages) as Readable, ...steps, encoder, sink])
  } catch (error) {
    return `${(error as ExportError).code} ${(error as Error).message}`
  }
  return { bytes: sink.bytes, stats: { ...encoder.stats }, warnings }
}
