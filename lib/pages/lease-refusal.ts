// A lease that the server does not allow. Elasticsearch refuses a keep-alive that is too long with 400, which Optimize may answer
// as 500; on a later page it drops the search as well.
import { RequestFailure, type Meaning } from '../http/failure.js'
import type { Lease } from './lease.js'

/**
 * Returns what a failed request for a page means once its lease is considered: a refusal of a longer lease than before is
 * recovered by a new search with the lease that was accepted; a refusal of the first lease names the option.
 */
export function withRefusedLease(error: unknown, lease: Lease): unknown {
  if (!(error instanceof RequestFailure) || error.code !== 'ERR_HTTP') return error
  if (error.status !== 400 && error.status !== 500) return error
  const asked = lease.seconds
  const accepted = lease.refused()
  if (accepted !== undefined) {
    const reason = `to a paginationTimeout of ${asked} s; from now on ${accepted} s, which it accepted before`
    return again(error, 'ambiguous', `${error.message} ${reason}`)
  }
  if (!/keep.?alive/i.test(error.detail ?? '')) return error
  return again(
    error,
    error.meaning,
    `${error.message}: a paginationTimeout of ${asked} s is too long for it, use fewer`,
  )
}

function again({ code, status, detail, attempts }: RequestFailure, meaning: Meaning, message: string): RequestFailure {
  const rest = { status: status!, ...(detail === undefined ? {} : { detail }) }
  return Object.assign(new RequestFailure(meaning, code, message, rest), { attempts })
}
