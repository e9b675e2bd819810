// Decides whether a request is repeated, and after which time: exponential backoff with full jitter, or what the server asks for.
// Sources: AWS Architecture Blog, "Exponential Backoff and Jitter"; RFC 9110 section 10.2.3 (Retry-After).
import { setTimeout as sleep } from 'node:timers/promises'
import type { RequestFailure } from './failure.js'

/** The number of tries for a request that is safe to repeat, and the time between them. */
export interface RetryOptions {
  /** Every try of one request, the first included. @default 5 */
  attempts?: number | undefined
  /** Milliseconds before the second try, at most. @default 500 */
  minDelay?: number | undefined
  /** Milliseconds between two tries, at most; a longer `Retry-After` is honoured. @default 30000 */
  maxDelay?: number | undefined
}

/** {@link RetryOptions}, resolved. */
export interface RetryPolicy {
  readonly attempts: number
  readonly minDelay: number
  readonly maxDelay: number
}

/** A server that asks for more than this is not waited for. */
export const MAX_RETRY_AFTER_MS = 300_000
/** More doublings reach no further, and would make 0 times infinity of no delay at all. */
const MAX_DOUBLINGS = 31

/** Milliseconds to wait before a failed request is sent again after the try with this number, from 1; undefined if it is not. */
export function getRetryDelay(
  { category, retryAfterMs }: Pick<RequestFailure, 'category' | 'retryAfterMs'>,
  attempt: number,
  policy: RetryPolicy,
): number | undefined {
  const canRepeat = category === 'safe' && attempt < policy.attempts && retryAfterMs <= MAX_RETRY_AFTER_MS
  return canRepeat ? computeBackoff(attempt, policy, retryAfterMs) : undefined
}

/** Milliseconds to wait after the try with this number, from 1. */
export function computeBackoff(attempt: number, policy: RetryPolicy, retryAfterMs = 0, random = Math.random): number {
  const ceiling = Math.min(policy.maxDelay, policy.minDelay * 2 ** Math.min(attempt - 1, MAX_DOUBLINGS))
  return Math.max(retryAfterMs, Math.round(random() * ceiling))
}

/** A `Retry-After` header as milliseconds from now: seconds or an HTTP date; 0 where there is none. */
export function parseRetryAfter(header: string | null, now = Date.now()): number {
  if (header === null) return 0
  if (/^\d+$/.test(header.trim())) return Number(header) * 1000
  const date = Date.parse(header)
  return Number.isNaN(date) ? 0 : Math.max(0, date - now)
}

/** Waits, or rejects with an AbortError. */
export const wait = (ms: number, signal: AbortSignal): Promise<void> => sleep(ms, undefined, { signal })
