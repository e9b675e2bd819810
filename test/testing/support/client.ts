// A client that returns everything that it receives for one request, even an incomplete answer.
import { request } from 'node:http'
import type { Test } from 'tap'
import type { FakeOptimize } from '../../../lib/testing/index.js'
import type { ExportRecord } from '../../../lib/shared/types.js'
import { startWatched, type WatchedOptions, type WatchedServer } from '../../support/servers/watched-server.js'

export interface Envelope {
  searchRequestId?: string
  message?: string
  numberOfRecordsInResponse: number
  totalNumberOfRecords: number
  reportId: string
  data?: ExportRecord[]
}

export interface Refused {
  errorCode: string
  errorMessage: string
  detailedMessage: string
  reportDefinition: unknown
  validationErrors?: { property: string; errorMessage: string }[]
}

export interface Answer {
  /** 0 if no head arrived. */
  status: number
  headers: Record<string, string>
  body: Buffer
  /** The pieces in which the body arrived. */
  chunks: Buffer[]
  /** The code of the failure that ended the answer. */
  failure?: string
  ms: number
}

export interface AskOptions {
  method?: string
  headers?: Record<string, string>
  body?: string
  /** Aborts when this is fulfilled. */
  leaveAt?: Promise<unknown>
  /** Aborts when this returns true for the part of the body that has arrived. */
  leaveIf?: (body: string) => boolean
}

/** Starts a server that is closed at the end of the test. */
export const start = (t: Test, options?: WatchedOptions): Promise<WatchedServer> => startWatched(t, options)

export function ask(
  url: string,
  { method = 'GET', headers = {}, body, leaveAt, leaveIf }: AskOptions = {},
): Promise<Answer> {
  const began = performance.now()
  return new Promise((resolve) => {
    const answer: Answer = { status: 0, headers: {}, body: Buffer.alloc(0), chunks: [], ms: 0 }
    const done = (failure?: string) =>
      resolve({
        ...answer,
        body: Buffer.concat(answer.chunks),
        ms: performance.now() - began,
        ...(failure ? { failure } : {}),
      })
    const sent = request(url, { method, headers, agent: false }, (response) => {
      answer.status = response.statusCode!
      answer.headers = Object.fromEntries(
        Object.entries(response.headers).map(([name, value]) => [name, String(value)]),
      )
      response.on('data', (chunk: Buffer) => {
        answer.chunks.push(chunk)
        if (leaveIf?.(Buffer.concat(answer.chunks).toString())) sent.destroy()
      })
      response.on('error', (error: NodeJS.ErrnoException) => done(error.code))
      response.on('end', () => done())
    })
    sent.on('error', (error: NodeJS.ErrnoException) => done(error.code))
    sent.end(body)
    void leaveAt?.then(() => sent.destroy())
  })
}

export interface Parameters {
  limit?: number | string
  paginationTimeout?: number | string
  searchRequestId?: string | undefined
  [other: string]: number | string | undefined
}

export function exportUrl(
  { url, reportId }: Pick<FakeOptimize, 'url' | 'reportId'>,
  parameters: Parameters = {},
): string {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(parameters)) if (value !== undefined) query.append(name, String(value))
  return `${url}/api/public/export/report/${encodeURIComponent(reportId)}/result/json?${query.toString()}`
}

/** One export request with the right token. */
export function askPage(
  optimize: FakeOptimize,
  parameters: Parameters = {},
  headers: Record<string, string> = {},
): Promise<Answer> {
  return ask(exportUrl(optimize, parameters), { headers: { authorization: `Bearer ${optimize.token}`, ...headers } })
}

export const parsed = (answer: Answer): Envelope => JSON.parse(answer.body.toString()) as Envelope

export const refusal = (answer: Answer): Refused => JSON.parse(answer.body.toString()) as Refused

export async function page(
  optimize: FakeOptimize,
  parameters?: Parameters,
  headers?: Record<string, string>,
): Promise<Envelope> {
  return parsed(await askPage(optimize, parameters, headers))
}

/** Requests pages until one is empty. */
export async function pagesOf(optimize: FakeOptimize, parameters: Parameters = {}, headers?: Record<string, string>) {
  const pages = [await page(optimize, parameters, headers)]
  while (pages.at(-1)!.data!.length > 0) {
    pages.push(await page(optimize, { ...parameters, searchRequestId: pages.at(-1)!.searchRequestId }, headers))
  }
  return pages
}

export const idsIn = ({ data = [] }: Envelope) =>
  data.map((record) => (record['decisionInstanceId'] ?? record['processInstanceId']) as string)
