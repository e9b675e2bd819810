// Faults before a request is processed: the cursor stays. A client can know that only after 429, 401 and redirects.
import { createRejection } from '../tokens/auth.js'
import type { ServerState } from '../server/server-state.js'
import type { FaultOf, faultsBeforeProcessing } from './faults.js'
import { createEmptyReply, createHtmlReply, type Reply } from '../server/reply-factory.js'

export type ReplyOrHangUp = Reply | 'hangUp'

/** Returns the reply to the request, which is not processed. */
export function createEarlyReply(
  fault: FaultOf<typeof faultsBeforeProcessing>,
  { eraRules, replies }: ServerState,
  url: string,
): ReplyOrHangUp {
  switch (fault.kind) {
    case 'hangUp':
      return 'hangUp'
    case '503':
      return createHtmlReply(503, '503 Service Temporarily Unavailable')
    case '429':
      return createHtmlReply(429, '429 Too Many Requests', { 'retry-after': String(fault.retryAfter) })
    case '401':
      return createRejection(eraRules, replies)
    case 'login':
      return createHtmlReply(200, 'Login', { 'content-type': 'text/html;charset=utf-8' })
    case 'redirect':
      return createEmptyReply(302, { location: fault.to })
    case 'redirectSame':
      return createEmptyReply(302, { location: `${url}${url.includes('?') ? '&' : '?'}redirected=true` })
  }
}
