// The events of a load, for progress and logs.
import { describeServerMessage, type ExportEvents } from '../shared/export-events.js'
import type { LoadChange } from './changes/load-changes.js'
import type { LoadStats, ExtractionListeners } from './extract/extraction.js'

/** A step of the transaction of a load. */
export type LoadStep = 'stage' | 'check' | 'schema' | 'write' | 'commit'

/** An event of {@link loadReport}, told apart by its `type`. */
export type LoadEvent =
  | {
      /** The extraction begins. */
      readonly type: 'extract'
      /** The figures of the export; they change while it runs. */
      readonly stats: LoadStats
    }
  | {
      /** The files of the load are complete, and the transaction begins. */
      readonly type: 'load'
      /** Rows of the file of the records. */
      readonly rows: number
      /** Bytes of all files. */
      readonly bytes: number
    }
  | {
      /** A step of the transaction begins. */
      readonly type: 'step'
      /** The step. */
      readonly step: LoadStep
    }
  | {
      /** The load waits for a busy database, or tries again after an error such as a lost connection. */
      readonly type: 'wait'
      /** Why the load waits. */
      readonly reason: string
    }
  | {
      /** The export or the load warns of something, or Optimize sent a message about the report. */
      readonly type: 'warning'
      /** One sentence. */
      readonly message: string
    }
  | {
      /** The report differs from that of the last complete load, or the load changes a type or shortens a name. */
      readonly type: 'change'
      /** The difference. */
      readonly change: LoadChange
    }
  | {
      /** A page with new records arrived. */
      readonly type: 'page'
      /** The event of the export. */
      readonly page: ExportEvents['page']
    }
  | {
      /** A request is repeated. */
      readonly type: 'retry'
      /** The event of the export. */
      readonly retry: ExportEvents['retry']
    }
  | {
      /** A new search begins, because the one before may have lost records. */
      readonly type: 'restart'
      /** The event of the export. */
      readonly restart: ExportEvents['restart']
    }

/** Returns listeners that pass the events of an export on as events of a load. */
export const createExtractionListeners = (onEvent: (event: LoadEvent) => void): ExtractionListeners => ({
  page: (page) => onEvent({ type: 'page', page }),
  retry: (retry) => onEvent({ type: 'retry', retry }),
  restart: (restart) => onEvent({ type: 'restart', restart }),
  message: (text) => onEvent({ type: 'warning', message: describeServerMessage(text) }),
  warning: ({ message }) => onEvent({ type: 'warning', message }),
})
