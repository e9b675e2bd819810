// Repeats requests that failure.ts calls safe: after exponential backoff with full jitter, but not before the server allows it.
// Sources: AWS Architecture Blog, "Exponential Backoff and Jitter"; RFC 9110 section 10.2.3 (Retry-After).
import { setTimeout as sleep } from 'node:timers/promises'
import type { Resolved } from '../shared/options.js'
import type { RequestFailure } from './failure.js'

/** The number of attempts for a request that is safe to repeat, and the time between them. */
export interface RetryOptions {
  /** Attempts per request, including the first. @default 5 */
  attempts?: number | undefined
  /**
   * The longest wait before the second attempt, in milliseconds. Each wait is random, from 0 to a limit that doubles with each attempt.
   * @default 500
   */
  minDelay?: number | undefined
  /** The longest wait between two attempts, in milliseconds. A `Retry-After` of the server may be longer, up to 300 s. @default 30000 */
  maxDelay?: number | undefined
}

export type RetryPolicy = Resolved<RetryOptions>

export const DEFAULT_RETRY_POLICY: RetryPolicy = { attempts: 5, minDelay: 500, maxDelay: 30_000 }

export const TOKEN_RETRY_POLICY: RetryPolicy = { attempts: 5, minDelay: 1000, maxDelay: 10_000 }

/** The longest wait that the server may ask for. If it asks for more, a request is not repeated, and a restart waits only this long. */
export const MAX_RETRY_AFTER_MS = 300_000
/** Prevents an infinite factor, because 0 ms times infinity is not a number. */
const MAX_DOUBLINGS = 31

/** A failed attempt that will be repeated. */
export interface FailedAttempt {
  /** From 1. */
  readonly attempt: number
  /** Milliseconds until the next attempt. */
  readonly delay: number
  readonly failure: RequestFailure
}

export interface RetryContext {
  readonly retry: RetryPolicy
  readonly signal: AbortSignal
  readonly onRetry?: (failed: FailedAttempt) => void
  /** The time in which the last attempt must begin, in milliseconds. @default Infinity */
  readonly startLimitMs?: number
}

/**
 * Sends a request until it succeeds. Throws the last failure if the request must not be repeated, if no attempt is left, or if the
 * wait before the next attempt would be too long.
 */
export async function sendWithRetries<T>(
  { retry, signal, onRetry, startLimitMs = Infinity }: RetryContext,
  sendOnce: () => Promise<{ value: T } | RequestFailure>,
): Promise<T> {
  const lastStart = performance.now() + startLimitMs
  let outcome = await sendOnce()
  for (let attempt = 1; !('value' in outcome); attempt++) {
    const { category, retryAfterMs } = outcome
    outcome.attempts = attempt
    const delay = computeBackoff(attempt, retry, retryAfterMs)
    const timeLeft = lastStart - performance.now()
    outcome.maxRetryAfterMs = Math.max(0, Math.min(timeLeft, MAX_RETRY_AFTER_MS))
    const isTooLong = retryAfterMs > outcome.maxRetryAfterMs || delay > timeLeft
    if (category !== 'safe' || attempt >= retry.attempts || isTooLong) throw outcome
    onRetry?.({ attempt, delay, failure: outcome })
    await wait(delay, signal)
    outcome = await sendOnce()
  }
  return outcome.value
}

/** Returns the milliseconds to wait after an attempt (number from 1): a random time, but at least `minMs`. */
export function computeBackoff(attempt: number, policy: RetryPolicy, minMs = 0, random = Math.random): number {
  const ceiling = Math.min(policy.maxDelay, policy.minDelay * 2 ** Math.min(attempt - 1, MAX_DOUBLINGS))
  return Math.max(minMs, Math.round(random() * ceiling))
}

/** Returns the milliseconds that a `Retry-After` header (seconds or an HTTP date) asks for, or 0 without a valid header. */
export function parseRetryAfter(header: string | null, now = Date.now()): number {
  if (header === null) return 0
  if (/^\d+$/.test(header.trim())) return Number(header) * 1000
  const date = Date.parse(header)
  return Number.isNaN(date) ? 0 : Math.max(0, date - now)
}

export const wait = (ms: number, signal: AbortSignal): Promise<void> => sleep(ms, undefined, { signal })
