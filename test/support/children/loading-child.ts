// Loads a report and kills itself at an event, or so many turns of the event loop after it: argv is the JSON of Job.
import { loadReport } from '../../../lib/index.js'
import { duckdb } from '../../../lib/destinations/duckdb/index.js'
import { drainEventLoopTurns } from '../event-loop-turns.js'
import { postgres } from '../../../lib/destinations/postgres/index.js'

export interface Job {
  readonly source: {
    readonly baseUrl: string
    readonly reportId: string
    readonly accessToken: string
    readonly limit: number
  }
  readonly into: { readonly duckdb: string } | { readonly postgres: Readonly<Record<string, unknown>> }
  /** The number of the event, from 0. */
  readonly killAt: number
  /** Turns of the event loop; a database works on while they pass. */
  readonly turns: number
}

const { source, into, killAt, turns } = JSON.parse(process.argv[2]!) as Job
let events = 0
await loadReport({
  source,
  into: 'duckdb' in into ? duckdb(into.duckdb) : postgres(into.postgres),
  table: 'orders',
  events: 'steps',
  onEvent: () => {
    if (events++ !== killAt) return
    const kill = () => process.kill(process.pid, 'SIGKILL')
    if (turns === 0) kill()
    else void drainEventLoopTurns(turns).then(kill)
  },
})
