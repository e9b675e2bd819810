// A lease that the server does not allow. Elasticsearch refuses a keep-alive that is too long with 400, which Optimize may answer
// as 500; on a later page it drops the search as well.
import { RequestFailure, type FailureCategory } from '../http/failure.js'
import type { ScrollKeepAlive } from './scroll-keep-alive.js'

/**
 * Returns what a failed request for a page means once its lease is considered: a refusal of a longer lease than before is
 * recovered by a new search with the lease that was accepted; a refusal of the first lease names the option.
 */
export function explainRefusedKeepAlive(error: unknown, keepAlive: ScrollKeepAlive): unknown {
  if (!(error instanceof RequestFailure) || error.code !== 'ERR_HTTP') return error
  if (error.status !== 400 && error.status !== 500) return error
  const requestedSeconds = keepAlive.seconds
  const acceptedSeconds = keepAlive.noteRefused()
  if (acceptedSeconds !== undefined) {
    const reason = `to a paginationTimeout of ${requestedSeconds} s; from now on ${acceptedSeconds} s, which it accepted before`
    return copyFailure(error, 'ambiguous', `${error.message} ${reason}`)
  }
  if (!/keep.?alive/i.test(error.detail ?? '')) return error
  return copyFailure(
    error,
    error.category,
    `${error.message}: a paginationTimeout of ${requestedSeconds} s is too long for it, use fewer`,
  )
}

function copyFailure(
  { code, status, detail, attempts }: RequestFailure,
  category: FailureCategory,
  message: string,
): RequestFailure {
  const rest = { status: status!, ...(detail === undefined ? {} : { detail }) }
  return Object.assign(new RequestFailure(category, code, message, rest), { attempts })
}
