// Connections that break at any byte, in either direction, over HTTP and TLS: every record once, or a clear error.
import t from 'tap'
import { exportThrough, startServers, type WireResult } from '../support/broken-wire.js'
import { seedsOf } from '../support/property.js'

const allSeeds = seedsOf(100)
const AT_ONCE = 32

/** Without ERR_INCOMPLETE, because that would mean that a request was repeated although it may have arrived. */
const directErrors = ['ERR_NETWORK', 'ERR_TIMEOUT', 'ERR_RESPONSE', 'ERR_HTTP', 'ERR_CURSOR_EXPIRED']

/** Returns the error in a result, or undefined if it is right. */
function complaintAbout({ mode, ids, expectedIds, error, restartedFor }: WireResult): string | undefined {
  if (new Set(ids).size !== ids.length) return 'a record came twice'
  if (ids.some((id) => !expectedIds.includes(id))) return 'a record that is not in the report'
  if (!error && ids.length !== expectedIds.length) return `${ids.length} of ${expectedIds.length} records and no error`
  if (restartedFor.some((code) => !directErrors.includes(code))) return `restarted for ${restartedFor.join()}`
  const codes = mode === 'fail' ? directErrors : [...directErrors, 'ERR_INCOMPLETE']
  if (error && !codes.includes(error.code)) return `${error.code}: ${error.message}`
  return undefined
}

t.test(`an export over a wire that breaks, ${allSeeds.length} runs from seed ${allSeeds[0]}`, async (t) => {
  t.setTimeout(120_000 + allSeeds.length * 500)
  const servers = await startServers()
  const seeds = allSeeds.values()
  const tally = { complete: 0, restarted: 0, failed: 0 }
  const wrong: string[] = []
  const worker = async () => {
    for (const seed of seeds) {
      const result = await exportThrough(servers, seed)
      const complaint = complaintAbout(result)
      if (complaint !== undefined)
        wrong.push(`seed ${seed}, ${result.mode}: ${complaint}; ${result.breaks.join(' | ')}`)
      tally[result.error ? 'failed' : result.restartedFor.length > 0 ? 'restarted' : 'complete']++
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
  await servers.close()
  t.comment(JSON.stringify(tally))
  t.strictSame(wrong, [])
  t.ok(tally.complete > 0 && tally.restarted > 0 && tally.failed > 0, 'each way to end was taken')
})
