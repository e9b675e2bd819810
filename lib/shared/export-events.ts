import { channel } from 'node:diagnostics_channel'
import type { ExportErrorCode } from './errors.js'

/** A page with new records arrived. */
export interface PageEvent {
  /** The number of the page in the whole export, from 1; pages without a new record are not counted. */
  readonly number: number
  /** The number of new records in the page. */
  readonly records: number
  /** The number of records in the whole report according to the current search. */
  readonly total: number
  /** Bytes of the decoded body. */
  readonly bytes: number
}

/** A failed request will be repeated. The export repeats a request only if that is safe. */
export interface RetryEvent {
  /** The requested page of the current search, from 1. A restart begins again with 1, but {@link PageEvent.number} continues. */
  readonly page: number
  /** The number of the failed attempt, from 1. */
  readonly attempt: number
  /** Milliseconds until the next attempt. */
  readonly delay: number
  /** The code that the error would have if the export ended now. */
  readonly code: ExportErrorCode
  /** The HTTP status, if there was one. */
  readonly status: number | undefined
  /** The reason in words. */
  readonly reason: string
}

/** A new search begins, because the earlier one has expired or may have lost records. */
export interface RestartEvent {
  /** The number of restarts so far, including this one. */
  readonly restarts: number
  /** The page that the earlier search requested when it failed, from 1. */
  readonly page: number
  /** The number of distinct records received so far, also of those that wait to be emitted. The new search skips all of them. */
  readonly records: number
  /** The code that the error would have with `recovery: 'fail'`. */
  readonly code: ExportErrorCode
  /** The HTTP status, if there was one. */
  readonly status: number | undefined
  /** The reason in words. */
  readonly reason: string
}

/** A condition that does not end the export. */
export interface WarningEvent {
  /**
   * `WARN_KEEP_ALIVE_EXTENDED`: the keep-alive of the search was nearly over before the sink asked for the next page, so the page was
   * fetched early, with a longer keep-alive if one is allowed.
   */
  readonly code: 'WARN_KEEP_ALIVE_EXTENDED'
  /** The warning in words. */
  readonly message: string
}

/** The events of an export and their payloads. */
export interface ExportEvents {
  /** A page with new records arrived. */
  page: PageEvent
  /** A failed request will be repeated. */
  retry: RetryEvent
  /** A new search begins. */
  restart: RestartEvent
  /** The server's message about the report. */
  message: string
  /** A condition that does not end the export. */
  warning: WarningEvent
}

export const describeServerMessage = (message: string): string => `Optimize says: ${message}`

/** The channel `complete` has no event, because a stream emits `end`. */
const channels = {
  page: channel('optimize-export:page'),
  retry: channel('optimize-export:retry'),
  restart: channel('optimize-export:restart'),
  complete: channel('optimize-export:complete'),
}
const isChannelName = (name: string): name is keyof typeof channels => Object.hasOwn(channels, name)

export type EmitFunction = (event: string, payload: unknown) => unknown

/** Emits the events of one export, and publishes those that have a diagnostics channel. */
export class ExportEventEmitter {
  readonly #reportId: string
  readonly #emit: EmitFunction

  constructor(reportId: string, emit: EmitFunction) {
    this.#reportId = reportId
    this.#emit = emit
  }

  emit<E extends keyof ExportEvents>(event: E, payload: ExportEvents[E]): void {
    if (isChannelName(event)) this.#publish(event, payload as object)
    this.#emit(event, payload)
  }

  /** Publishes that all records of the report were handed over. */
  publishComplete(stats: object): void {
    this.#publish('complete', stats)
  }

  #publish(name: keyof typeof channels, message: object): void {
    if (channels[name].hasSubscribers) channels[name].publish({ reportId: this.#reportId, ...message })
  }
}
