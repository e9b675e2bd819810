// Fetches one page after another with node-fetch, as a typical script does: one kept-alive connection, the newest cursor. All peers
// in JavaScript use it.
import { Agent } from 'node:http'
import fetch from 'node-fetch'
import type { ExportRecord } from '../../lib/index.js'
import type { ReportLocation } from '../harness/case-types.js'

export interface PageInput extends ReportLocation {
  readonly records: number
}

interface Body {
  readonly searchRequestId: string
  readonly data: ExportRecord[]
}

const agent = new Agent({ keepAlive: true })
const readHead = (bytes: Buffer) => bytes.toString('latin1', 0, 8192)

/** Yields the unparsed bodies. The cursor is read from their first bytes. */
export async function* fetchPageBytes(input: PageInput, limit = 1000): AsyncGenerator<Buffer> {
  let cursor: string | undefined
  for (let remaining = input.records; remaining > 0;) {
    const response = await fetchPage(input, limit, cursor)
    const bytes = Buffer.from(await response.arrayBuffer())
    const head = readHead(bytes)
    cursor = /"searchRequestId":"([^"]+)"/.exec(head)?.[1]
    remaining -= readCount(head)
    yield bytes
  }
}

/** Yields the records of each page, parsed with JSON.parse. */
export async function* fetchPageRecords(input: PageInput, limit = 1000): AsyncGenerator<ExportRecord[]> {
  let cursor: string | undefined
  for (let remaining = input.records; remaining > 0;) {
    const response = await fetchPage(input, limit, cursor)
    const { searchRequestId, data } = JSON.parse(await response.text()) as Body
    if (data.length === 0) throw new Error('a page without records')
    cursor = searchRequestId
    remaining -= data.length
    yield data
  }
}

/** Returns the number of records that the head of a body states. */
export function readCount(head: string): number {
  const count = Number(/"numberOfRecordsInResponse":(\d+)/.exec(head)?.[1])
  if (!(count > 0)) throw new Error('a page without records')
  return count
}

export const countRecords = (bytes: Buffer): number => readCount(readHead(bytes))

async function fetchPage({ url, token, reportId }: ReportLocation, limit: number, cursor: string | undefined) {
  const query = new URLSearchParams({ limit: String(limit), paginationTimeout: '120' })
  if (cursor !== undefined) query.set('searchRequestId', cursor)
  const headers = { authorization: `Bearer ${token}`, 'x-optimize-client-timezone': 'UTC' }
  const response = await fetch(`${url}/api/public/export/report/${reportId}/result/json?${query.toString()}`, {
    headers,
    agent,
  })
  if (!response.ok) throw new Error(`the fake server answered ${response.status}: ${await response.text()}`)
  return response
}
