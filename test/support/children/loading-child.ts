// Loads a report and kills itself at an event, or some turns of the event loop after it. Its argument is a `KilledLoad` as JSON.
import { loadReport } from '../../../lib/index.js'
import { duckdb } from '../../../lib/destinations/duckdb/index.js'
import { drainEventLoopTurns } from '../machine/event-loop-turns.js'
import { postgres } from '../../../lib/destinations/postgres/index.js'

export interface KilledLoad {
  readonly source: {
    readonly baseUrl: string
    readonly reportId: string
    readonly accessToken: string
    readonly limit: number
  }
  readonly into: { readonly duckdb: string } | { readonly postgres: Readonly<Record<string, unknown>> }
  /** The number of the event, from 0. */
  readonly killAt: number
  /** Turns of the event loop between the event and the kill; the database goes on working meanwhile. */
  readonly turns: number
}

const { source, into, killAt, turns } = JSON.parse(process.argv[2]!) as KilledLoad
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
