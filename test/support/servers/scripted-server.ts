// A server whose answers a test decides, by the number of the search and the number of the page in it, both from 1.
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Test } from 'tap'
import type { ExportOptions } from '../../../lib/index.js'

/** An answer: a page, or a status with an error body. */
export type ScriptedAnswer =
  | { readonly total: number; readonly data: readonly unknown[]; readonly last?: boolean }
  | { readonly status: number; readonly detail?: string }

/** A request: the numbers of its search and its page as `search.page`, and its query. */
export interface ReceivedRequest {
  readonly at: string
  readonly query: Readonly<Record<string, string>>
}

export interface ScriptedServer {
  readonly options: ExportOptions
  readonly receivedRequests: readonly ReceivedRequest[]
}

/** Starts the server, which is closed at the end of the test. */
export async function startScripted(
  t: Test,
  answer: (search: number, page: number, query: ReceivedRequest['query']) => ScriptedAnswer,
): Promise<ScriptedServer> {
  const receivedRequests: ReceivedRequest[] = []
  let searches = 0
  const server = createServer((request, response) => {
    const query = Object.fromEntries(new URL(request.url!, 'http://x').searchParams)
    const [search, page] = query['searchRequestId']?.split('.').map(Number) ?? [++searches, 1]
    receivedRequests.push({ at: `${search}.${page}`, query })
    const given = answer(search!, page!, query)
    response.writeHead('status' in given ? given.status : 200, { 'content-type': 'application/json' })
    response.end(
      JSON.stringify(
        'status' in given ? createErrorBody(given.detail) : createPageBody(given, `${search}.${page! + 1}`),
      ),
    )
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.close()
    server.closeAllConnections()
  })
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    receivedRequests,
    options: { baseUrl, reportId: 'r', accessToken: 'demo', retry: { attempts: 2, minDelay: 1, maxDelay: 5 } },
  }
}

const createErrorBody = (detailedMessage = 'failed') => ({
  errorCode: 'serverError',
  errorMessage: 'x',
  detailedMessage,
})

const createPageBody = (
  { total, data, last }: Extract<ScriptedAnswer, { total: number }>,
  searchRequestId: string,
) => ({
  ...(last ? {} : { searchRequestId }),
  numberOfRecordsInResponse: data.length,
  totalNumberOfRecords: total,
  data,
})

export const createInstancesWithIds = (...ids: readonly unknown[]) =>
  ids.map((id) => ({ processInstanceId: id, variables: {} }))
