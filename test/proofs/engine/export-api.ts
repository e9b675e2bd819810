// A bare client of the export API: it sends one request and returns its answer, without retries and without checks.
import { once } from 'node:events'
import { Agent, request } from 'node:http'
import { connect } from 'node:net'
import { json } from 'node:stream/consumers'

export interface ReportAddress {
  readonly url: string
  readonly token: string
  readonly reportId: string
}

export interface Answer {
  readonly status: number
  /** The keys of the records, in order. */
  readonly ids: readonly string[]
  readonly records: readonly Record<string, unknown>[]
  readonly total: number | undefined
  readonly cursor: string | undefined
  /** The text of an error; `''` for a page. */
  readonly detail: string
}

export interface Query {
  readonly limit?: number
  readonly paginationTimeout?: number
  readonly searchRequestId?: string | undefined
}

/** How the client ends a connection before the answer has arrived. */
export interface HangUp {
  /** `'asked'`: when the server has the request. `'firstBytes'`: when the first bytes of the answer arrive. */
  readonly when: 'asked' | 'firstBytes'
  readonly how: 'reset' | 'close'
}

interface Body {
  readonly data?: readonly Record<string, unknown>[]
  readonly totalNumberOfRecords?: number
  readonly searchRequestId?: string
  readonly detailedMessage?: string
  readonly validationErrors?: readonly { readonly errorMessage: string }[]
}

export class ExportApi {
  readonly #address: ReportAddress
  readonly #agent = new Agent({ keepAlive: true })

  constructor(address: ReportAddress) {
    this.#address = address
  }

  /** Sends one request. Two requests may run at the same time. */
  ask(query: Query): Promise<Answer> {
    const { url, token } = this.#address
    return new Promise((resolve, reject) => {
      const headers = { authorization: `Bearer ${token}`, 'x-optimize-client-timezone': 'UTC' }
      const sent = request(url + this.#path(query), { agent: this.#agent, headers }, (answer) => {
        json(answer).then((body) => resolve(answerOf(answer.statusCode!, body as Body)), reject)
      })
      sent.on('error', reject)
      sent.end()
    })
  }

  /** Requests the next page of a search. */
  next(cursor: string | undefined, paginationTimeout = 60): Promise<Answer> {
    return this.ask({ searchRequestId: cursor, paginationTimeout })
  }

  /** Requests all pages of one search, including the empty page at the end. */
  async walk(limit: number): Promise<Answer[]> {
    const pages = [await this.ask({ limit })]
    while (pages.at(-1)!.ids.length > 0) {
      const page = await this.next(pages.at(-1)!.cursor)
      if (page.status !== 200) throw new Error(`page ${pages.length + 1}: ${page.status} ${page.detail}`)
      pages.push(page)
    }
    return pages
  }

  /** Sends a request on a new connection and ends it before the answer has arrived. `asked` resolves when the server has the request. */
  async askAndHangUp(query: Query, { when, how }: HangUp, asked: () => Promise<void>): Promise<void> {
    const { host, hostname, port } = new URL(this.#address.url)
    const socket = connect(Number(port), hostname).setNoDelay()
    socket.on('error', () => undefined)
    const firstBytes = once(socket, 'data')
    socket.write(
      `GET ${this.#path(query)} HTTP/1.1\r\nhost: ${host}\r\nauthorization: Bearer ${this.#address.token}\r\n\r\n`,
    )
    await (when === 'asked' ? asked() : firstBytes)
    firstBytes.catch(() => undefined)
    if (how === 'reset') socket.resetAndDestroy()
    else socket.destroy()
  }

  close(): void {
    this.#agent.destroy()
  }

  #path(query: Query): string {
    const parameters = new URLSearchParams()
    for (const [name, value] of Object.entries(query) as [string, string | number | undefined][])
      if (value !== undefined) parameters.set(name, String(value))
    return `/api/public/export/report/${encodeURIComponent(this.#address.reportId)}/result/json?${parameters.toString()}`
  }
}

function answerOf(status: number, body: Body): Answer {
  const records = Array.isArray(body.data) ? body.data : []
  return {
    status,
    records,
    ids: records.map(({ processInstanceId }) => String(processInstanceId)),
    total: body.totalNumberOfRecords,
    cursor: body.searchRequestId,
    detail: body.detailedMessage ?? body.validationErrors?.[0]?.errorMessage ?? '',
  }
}
