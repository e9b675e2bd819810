// The export of a load: its events, and an abort before its first record.
import { pipeline } from 'node:stream/promises'
import t from 'tap'
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
