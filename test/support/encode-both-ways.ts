// Runs one export in two ways: with an encoder piped directly from it, and with a stream of records between.
import { PassThrough, type Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { exportStream, type Encoder, type ExportError } from '../../lib/index.js'
import { Collector } from './collector.js'
import { createFetch } from './hostile-pages.js'

/** An export of pages given as text, one answer after another. */
export const createExport = (pages: readonly string[]) =>
  exportStream({
    baseUrl: 'http://localhost',
    reportId: 'r',
    accessToken: 't',
    fetch: createFetch(pages),
    retry: { attempts: 1, minDelay: 0, maxDelay: 0 },
    maxRestarts: 0,
  })

/** The bytes of a file, or `code message` of the failure: by pages and by records. */
export async function encodeBothWays(
  pages: readonly string[],
  createEncoder: () => Encoder,
): Promise<[Buffer, Buffer]> {
  return [
    await collectBytes(pages, [createEncoder()]),
    await collectBytes(pages, [new PassThrough({ objectMode: true }), createEncoder()]),
  ]
}

async function collectBytes(pages: readonly string[], steps: readonly NodeJS.ReadWriteStream[]): Promise<Buffer> {
  const sink = new Collector()
  try {
    await pipeline([createExport(pages) as Readable, ...steps, sink])
    return sink.bytes
  } catch (error) {
    return Buffer.from(`${(error as ExportError).code} ${(error as Error).message}`)
  }
}
