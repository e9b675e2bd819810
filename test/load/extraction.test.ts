// The export of a load: its events, and an abort before its first record.
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import t from 'tap'
import { duckdb } from '../../lib/destinations/duckdb/index.js'
import { compareReport, loadReport } from '../../lib/index.js'
import { createFullExtraction } from '../../lib/load/extract/extraction.js'
import { createExtractionListeners, type LoadEvent } from '../../lib/load/load-events.js'
import { drainEventLoopTurns } from '../support/machine/event-loop-turns.js'

t.test('a warning of an export is a warning of the load', async (t) => {
  const events: LoadEvent[] = []
  createExtractionListeners((event) => events.push(event)).warning({ code: 'x', message: 'slow' } as never)
  t.strictSame(events, [{ type: 'warning', message: 'slow' }])
})

t.test('an abort before the records are read is the failure of their pipeline, and no unhandled error', async (t) => {
  const source = { baseUrl: 'http://127.0.0.1:9', reportId: 'a', accessToken: 'a', signal: AbortSignal.abort() }
  const { records } = createFullExtraction(
    source,
    createExtractionListeners(() => undefined),
  )
  await drainEventLoopTurns()
  const read = async (rows: AsyncIterable<unknown>) => {
    for await (const row of rows) t.fail('expected no record', { row })
  }
  await t.rejects(pipeline(records, read), { name: 'AbortError' })
})

t.test('the signal of the export ends a load and a comparison, also if they have a signal of their own', async (t) => {
  const source = { baseUrl: 'http://127.0.0.1:9', reportId: 'a', accessToken: 'a' }
  const run = (
    name: 'loadReport' | 'compareReport',
    own: unknown,
    signal: AbortSignal | undefined,
  ): Promise<unknown> => {
    const into = duckdb(join(t.testdir({}), 'w.duckdb'))
    const options = { source: { ...source, signal: own as AbortSignal }, into, table: 'orders', signal }
    return name === 'loadReport' ? loadReport(options) : compareReport(options)
  }
  const { signal } = new AbortController()
  for (const name of ['loadReport', 'compareReport'] as const) {
    for (const other of [signal, undefined])
      await t.rejects(run(name, AbortSignal.abort(), other), { name: 'AbortError' }, name)
    await t.rejects(run(name, signal, AbortSignal.abort()), { name: 'AbortError' }, name)
    await t.rejects(run(name, 'x', signal), { code: 'ERR_OPTION', option: 'signal' }, name)
  }
})
