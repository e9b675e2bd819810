// Connections break at any byte, in either direction, over HTTP and TLS: the export emits every record once, or fails with the reason.
import t from 'tap'
import { exportThrough, startServers, type WireResult } from '../support/faults/broken-wire.js'
import { seedsOf } from '../support/random/property.js'

const allSeeds = seedsOf(100)
const CONCURRENT_EXPORTS = 32

/** The errors of broken connections. ERR_INCOMPLETE would mean that a request was repeated although it may have arrived. */
const connectionErrors = ['ERR_NETWORK', 'ERR_TIMEOUT', 'ERR_RESPONSE', 'ERR_HTTP', 'ERR_CURSOR_EXPIRED']

/** Returns what is wrong with the result of an export, or undefined. */
function findProblem({ mode, ids, expectedIds, error, restartedFor }: WireResult): string | undefined {
  if (new Set(ids).size !== ids.length) return 'a record came twice'
  if (ids.some((id) => !expectedIds.includes(id))) return 'a record that is not in the report'
  if (!error && ids.length !== expectedIds.length) return `${ids.length} of ${expectedIds.length} records and no error`
  if (restartedFor.some((code) => !connectionErrors.includes(code))) return `restarted for ${restartedFor.join()}`
  const codes = mode === 'fail' ? connectionErrors : [...connectionErrors, 'ERR_INCOMPLETE']
  if (error && !codes.includes(error.code)) return `${error.code}: ${error.message}`
  return undefined
}

t.test(`exports over connections that break, ${allSeeds.length} runs from seed ${allSeeds[0]}`, async (t) => {
  t.setTimeout(120_000 + allSeeds.length * 500)
  const servers = await startServers()
  const seeds = allSeeds.values()
  const counts = { complete: 0, restarted: 0, failed: 0 }
  const problems: string[] = []
  const worker = async () => {
    for (const seed of seeds) {
      const result = await exportThrough(servers, seed)
      const problem = findProblem(result)
      if (problem !== undefined) problems.push(`seed ${seed}, ${result.mode}: ${problem}; ${result.breaks.join(' | ')}`)
      counts[result.error ? 'failed' : result.restartedFor.length > 0 ? 'restarted' : 'complete']++
    }
  }
  await Promise.all(Array.from({ length: CONCURRENT_EXPORTS }, worker))
  await servers.close()
  t.comment(JSON.stringify(counts))
  t.strictSame(problems, [])
  t.ok(counts.complete > 0 && counts.restarted > 0 && counts.failed > 0, 'each kind of outcome occurred')
})
