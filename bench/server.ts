// Runs the fake server in a separate process: node server.js OPTIONS. Pages of `prerenderedLimits` are rendered before anything is
// measured. It prints its address as JSON and stops when its stdin ends, so that it never runs longer than the bench.
import { writeFile } from 'node:fs/promises'
import { startFakeOptimize } from 'optimize-export/testing'
import type { ServerOptions } from './harness/server-process.js'
import { fetchPageBytes } from './case-helpers/pages.js'

const { idsFile, prerenderedLimits = [1000], ...options } = JSON.parse(process.argv[2] ?? '{}') as ServerOptions
const server = await startFakeOptimize({ maxContexts: 1_000_000, gzip: false, cachePages: true, ...options })
const ids = server.ids()
const connection = { url: server.url, token: server.token, reportId: server.reportId, total: ids.length }
if (idsFile !== undefined) await writeFile(idsFile, `id\n${ids.join('\n')}\n`)
for (const limit of prerenderedLimits) await readAll(fetchPageBytes({ ...connection, records: ids.length }, limit))

process.stdout.write(`${JSON.stringify({ ...connection, idsFile })}\n`)
process.stdin.resume().once('end', () => process.exit(0))

async function readAll(pages: AsyncIterable<unknown>): Promise<void> {
  const iterator = pages[Symbol.asyncIterator]()
  while (!(await iterator.next()).done);
}
