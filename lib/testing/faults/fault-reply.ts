// Faults of the reply: the cursor has moved, and the client gets another reply.
import type { FaultOf, faultsOfReply } from './faults.js'
import { createHtmlReply, type ReplyFactory, type Reply } from '../server/reply-factory.js'

/** Returns the reply that replaces the real one. */
export function replaceReply(fault: FaultOf<typeof faultsOfReply>, reply: Reply, replies: ReplyFactory): Reply {
  switch (fault.kind) {
    case '500':
      return replies.serverError('java.io.IOException: listener timeout after waiting for [10000] ms')
    case '502':
      return createHtmlReply(502, '502 Bad Gateway')
    case '504':
      return createHtmlReply(504, '504 Gateway Time-out')
    case 'body':
      return {
        status: fault.status,
        headers: { 'content-type': fault.contentType, ...fault.headers },
        body: [Buffer.from(fault.body)],
      }
    case 'wrongType':
      return { ...reply, headers: { ...reply.headers, 'content-type': 'text/plain;charset=UTF-8' } }
  }
}
