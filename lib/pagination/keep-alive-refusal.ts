// Handles a keep-alive that the server refuses. Elasticsearch refuses a keep-alive that is too long with 400, which Optimize may
// turn into 500. On a later page Elasticsearch also deletes the search context (docs/server.md 3.9).
import { RequestFailure, type FailureCategory } from '../http/failure.js'
import type { SearchKeepAlive } from './search-keep-alive.js'

/**
 * Returns the failure to throw: the given error itself if the keep-alive is not the reason. If the server may have refused an extended
 * keep-alive, the function also lowers `keepAlive` to the longest accepted one, and the failure allows a new search. If the server
 * refused the first keep-alive, the message names the option.
 */
export function toKeepAliveFailure(error: unknown, keepAlive: SearchKeepAlive): unknown {
  if (!(error instanceof RequestFailure) || error.code !== 'ERR_HTTP') return error
  if (error.status !== 400 && error.status !== 500) return error
  const { requestedSeconds } = keepAlive
  const acceptedSeconds = keepAlive.returnToAccepted()
  if (acceptedSeconds !== undefined) {
    const reason = `for a paginationTimeout of ${requestedSeconds} s; the server accepted ${acceptedSeconds} s before`
    return copyFailure(error, 'ambiguous', `${error.message} ${reason}`)
  }
  if (!/keep.?alive/i.test(error.detail ?? '')) return error
  return copyFailure(
    error,
    error.category,
    `${error.message}: a paginationTimeout of ${requestedSeconds} s is too long for the server, use a shorter one`,
  )
}

/** Copies all fields, but not the message and the cause, which are not enumerable. */
const copyFailure = (error: RequestFailure, category: FailureCategory, message: string): RequestFailure =>
  Object.assign(new RequestFailure(category, error.code, message), error, { category })
