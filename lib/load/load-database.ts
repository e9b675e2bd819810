// Connects a load to its database, and waits if the database is busy.
import { setTimeout as sleep } from 'node:timers/promises'
import { createAbortError } from '../shared/abort.js'
import { ExportError, OptionError } from '../shared/errors.js'
import { LoadHistory, type LastLoads } from './history/load-history.js'
import { isRepeatable, type TableState, type Session } from './load-destination.js'
import { modeFacts } from './load-modes.js'
import type { ResolvedLoadOptions } from './load-options.js'
import { formatTableName, type FullTableName, type TableName } from './table-name.js'

/** The table and its earlier loads, as they are before this load. */
export interface EarlierState extends LastLoads {
  readonly tableState: TableState
  readonly eventTable: FullTableName | undefined
  /** The event table, whether it exists or not. Also undefined for a load without a watermark, which does not need it. */
  readonly eventState: TableState | undefined
  /** The watermark from which a merge with `sortedBy` may go on; undefined if it must read the whole report. */
  readonly newestWatermark: Date | undefined
}

const BUSY_PAUSE_MS = 250

/** How often the same work is tried again after repeatable errors. The pauses grow: 1, 2 and 3 seconds. */
const MAX_REPEATS = 3
const REPEAT_PAUSE_MS = 1000

type DatabaseOptions = Pick<ResolvedLoadOptions, 'into' | 'signal'> &
  Partial<Pick<ResolvedLoadOptions, 'wait' | 'dryRun' | 'onEvent'>>

type StateQuery = Pick<ResolvedLoadOptions, 'table'> &
  Partial<Pick<ResolvedLoadOptions, 'events' | 'mode' | 'sortedBy'>>

/** Keeps no connection open: each piece of work has a session of its own. */
export class LoadDatabase {
  readonly #options: DatabaseOptions
  readonly #where: string
  readonly #sleep: typeof sleep
  readonly #signal: AbortSignal

  /** @param sleepFor a test replaces it */
  constructor(options: DatabaseOptions, where: string, sleepFor: typeof sleep = sleep) {
    this.#options = options
    this.#sleep = sleepFor
    this.#where = where
    this.#signal = options.signal ?? new AbortController().signal
  }

  throwIfAborted(): void {
    if (this.#signal.aborted) throw createAbortError(this.#signal)
  }

  /**
   * Begins a transaction, does the work, and closes the session; what the work has not committed is rolled back. If the database is busy,
   * tries again for the time of the option `wait`.
   */
  async withTransaction<T>(
    { commitsNothing }: { readonly commitsNothing: boolean },
    work: (session: Session) => Promise<T>,
  ): Promise<T> {
    const { into, wait = 0, onEvent, dryRun = false } = this.#options
    const deadline = performance.now() + wait
    let result: { readonly value: T } | undefined
    for (let isFirst = true; !result; isFirst = false) {
      try {
        const session = await into.connect({ signal: this.#signal, commitsNothing: commitsNothing || dryRun })
        try {
          await session.begin()
          result = { value: await work(session) }
        } finally {
          await session.close()
        }
      } catch (error) {
        this.throwIfAborted()
        const isBusy = error instanceof ExportError && error.code === 'ERR_DESTINATION_BUSY'
        if (!isBusy || performance.now() >= deadline) throw error
        if (isFirst) onEvent?.({ type: 'wait', reason: error.message })
        await this.#pause(BUSY_PAUSE_MS)
      }
    }
    return result.value
  }

  /**
   * Does the work, and does it again after a repeatable error, such as a lost connection. Work that is done twice must have the effect of
   * work that is done once.
   * @param nextStep what the load does after the pause, for the message
   */
  async repeat<T>(work: () => Promise<T>, nextStep: string): Promise<T> {
    let result: { readonly value: T } | undefined
    for (let repeats = 0; !result; repeats++) {
      try {
        result = { value: await work() }
      } catch (error) {
        if (!isRepeatable(error) || repeats === MAX_REPEATS) throw error
        this.throwIfAborted()
        this.#options.onEvent?.({ type: 'wait', reason: `${(error as Error).message}; ${nextStep}` })
        await this.#pause(REPEAT_PAUSE_MS * (repeats + 1))
      }
    }
    return result.value
  }

  async #pause(ms: number): Promise<void> {
    await this.#sleep(ms, undefined, { signal: this.#signal }).catch(() => undefined)
    this.throwIfAborted()
  }

  /** @param reportId the report of `newestOfReport`, `lastCompleteOfReport` and `newestWatermark` of the result */
  readState({ table, events, mode = 'replace', sortedBy }: StateQuery, reportId?: string): Promise<EarlierState> {
    const { into } = this.#options
    return this.withTransaction({ commitsNothing: true }, async (session) => {
      const schema = table.schema ?? into.schema ?? (await session.getDefaultSchema())
      const tableState = await session.describeTable({ schema, name: table.name })
      const eventTable = events && { schema: events.table.schema ?? tableState.table.schema, name: events.table.name }
      const fold = (name: TableName) => into.dialect.foldName(formatTableName(name))
      // checked here, because only the database knows the schema of a name without a schema
      if (eventTable && fold(eventTable) === fold(tableState.table))
        throw new OptionError(this.#where, 'events', 'expected another table than the record table')
      const history = new LoadHistory(session, into.dialect, tableState.table)
      const loads = await history.readLast(reportId)
      const usesWatermark = reportId !== undefined && sortedBy !== undefined && modeFacts[mode].needsKey
      const needsEventState = usesWatermark || reportId === undefined
      const eventState = eventTable && needsEventState ? await session.describeTable(eventTable) : undefined
      const newestWatermark = usesWatermark
        ? await history.findWatermark(reportId, loads, tableState, eventState)
        : undefined
      return { tableState, eventTable, eventState, ...loads, newestWatermark }
    })
  }
}
