// The table "When something fails" of docs/troubleshooting.md: the failure of each row is produced, and its result is as in the table.
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { HttpsProxyAgent } from 'https-proxy-agent'
import t, { type Test } from 'tap'
import { selfSigned } from '../support/servers/certificate.js'
import { readDocument } from '../support/project/documents.js'
import { startProxy } from '../support/servers/proxy.js'
import '../support/readers/read-parquet.js'
import { atomicFile, exportStream, toCsv, toParquet, type Encoder } from '../../lib/index.js'
import type { ExportOptions } from '../../lib/api/export-options.js'
import { startFakeOptimize, type Fault, type FakeOptimize, type FakeOptimizeOptions } from '../../lib/testing/index.js'

const retry = { attempts: 3, minDelay: 1, maxDelay: 2 }

interface Outcome {
  readonly code: string | undefined
  readonly records: number
  readonly restarts: number
  readonly retries: number
}

/** Exports 50 records in pages of 10 from a server with these options. */
async function outcome(
  server: FakeOptimizeOptions,
  client: Partial<ExportOptions> = {},
  during?: (server: FakeOptimize) => void,
): Promise<Outcome> {
  const fake = await startFakeOptimize({ records: 50, ...server })
  const source = exportStream({
    baseUrl: fake.url,
    reportId: fake.reportId,
    accessToken: fake.token,
    limit: 10,
    retry,
    ...client,
  })
  source.on('page', () => during?.(fake))
  let records = 0
  let code: string | undefined
  try {
    for await (const record of source) records += record.processInstanceId ? 1 : 0
  } catch (error) {
    code = (error as { code?: string }).code
  } finally {
    await fake.close()
  }
  return { code, records, restarts: source.stats.restarts, retries: source.stats.retries }
}

async function findEncodingError(records: object[], encoder: Encoder): Promise<string | undefined> {
  try {
    await pipeline(Readable.from(records), encoder, async (bytes: AsyncIterable<Buffer>) => {
      for await (const chunk of bytes) chunk.subarray()
    })
    return undefined
  } catch (error) {
    return (error as { code?: string }).code
  }
}

const named = { processInstanceId: '1', variables: { customer: 'x' } }
const whole = { code: undefined, records: 50 }
const always = (kind: Fault['kind'], rest: Partial<Fault> = {}): Fault[] => [{ kind, times: Infinity, ...rest }]

const rows: Record<string, (t: Test) => Promise<void>> = {
  'an option is wrong or misspelt': async (t) => {
    t.throws(() => toCsv({ delimitr: ';' } as never), { code: 'ERR_OPTION', message: /did you mean delimiter/ })
  },
  'the token is refused': async (t) => {
    t.match(await outcome({ faults: [{ kind: '401', page: 3 }] }), whole)
    t.match(await outcome({}, { accessToken: 'wrong' }), { code: 'ERR_AUTH', records: 0 })
  },
  'a proxy refuses to connect': async (t) => {
    for (const [status, retries] of [
      [403, 0],
      [503, 2],
    ] as const) {
      const agent = new HttpsProxyAgent((await startProxy(t, { refusal: status })).url)
      t.match(await outcome({}, { baseUrl: 'https://optimize.example.com', agent }), { code: 'ERR_HTTP', retries })
    }
  },
  'a certificate is not accepted': async (t) => {
    const server = createServer(selfSigned())
    await once(server.listen(0, '127.0.0.1'), 'listening')
    t.teardown(() => server.close())
    const baseUrl = `https://127.0.0.1:${(server.address() as AddressInfo).port}`
    t.match(await outcome({}, { baseUrl }), { code: 'ERR_NETWORK', retries: 0 })
  },
  'the report does not exist': async (t) => {
    for (const era of ['8.6', '8.7'] as const)
      t.match(await outcome({ era }, { reportId: 'nothing' }), { code: 'ERR_REPORT_NOT_FOUND' })
  },
  'the report is combined or unfinished': async (t) => {
    for (const report of ['combined', 'incomplete'] as const)
      t.match(await outcome({ report }), { code: 'ERR_REPORT_NOT_EXPORTABLE' })
  },
  'the server cannot be reached, or answers 429': async (t) => {
    t.match(await outcome({ faults: [{ kind: '429', page: 2, retryAfter: 0 }] }), { ...whole, retries: 1, restarts: 0 })
    t.match(await outcome({ faults: always('429', { retryAfter: 0 }) }), { code: 'ERR_HTTP', retries: 2 })
    t.match(await outcome({}, { baseUrl: 'http://127.0.0.1:9' }), { code: 'ERR_NETWORK', retries: 2 })
  },
  'the first request fails: timeout, reset, 408, 500, 502, 503, 504, a cut body': async (t) => {
    for (const kind of ['drop', 'cut', 'truncate', '500', '502', '503', '504'] as const) {
      t.match(await outcome({ faults: [{ kind, page: 1 }] }), { ...whole, retries: 1, restarts: 0 }, kind)
    }
    t.match(await outcome({ faults: [{ kind: 'body', status: 408, page: 1 }] }), { ...whole, retries: 1 }, '408')
    t.match(
      await outcome({ faults: [{ kind: 'delay', ms: 60_000, page: 1 }] }, { requestTimeout: 1000 }),
      { ...whole, retries: 1 },
      'timeout',
    )
    t.match(await outcome({ faults: always('drop') }), { code: 'ERR_NETWORK' })
  },
  'a later page fails in one of these ways': async (t) => {
    for (const kind of ['drop', 'cut', 'truncate', '500', '502', '504'] as const) {
      t.match(await outcome({ faults: [{ kind, page: 3 }] }), { ...whole, retries: 0, restarts: 1 }, kind)
    }
    t.match(await outcome({ faults: always('drop', { page: 3 }) }), { code: 'ERR_INCOMPLETE', restarts: 3 })
  },
  'the sink is so slow that the search context expires': async (t) => {
    let pages = 0
    t.match(await outcome({}, {}, (server) => ++pages === 2 && server.expireContexts()), { ...whole, restarts: 1 })
    t.match(await outcome({ faults: always('expire', { page: 2 }) }), { code: 'ERR_CURSOR_EXPIRED', restarts: 3 })
  },
  'the first page is refused because paginationTimeout is too long': async (t) => {
    t.match(await outcome({ maxKeepAlive: 100 }, { paginationTimeout: 101 }), { code: 'ERR_HTTP', records: 0 })
  },
  'fewer records than promised, or the total changes': async (t) => {
    for (const kind of ['missingRows', 'totalShrinks', 'emptyPage'] as const) {
      t.match(await outcome({ faults: [{ kind, page: 3 }] }), { ...whole, restarts: 1 }, kind)
      t.match(await outcome({ faults: always(kind, { page: 3 }) }), { code: 'ERR_INCOMPLETE' }, kind)
    }
  },
  'HTML or another content type, JSON of another shape, a redirect to another origin, a page over `maxPageBytes`':
    async (t) => {
      t.match(await outcome({ faults: always('login') }), { code: 'ERR_RESPONSE', retries: 0 })
      t.match(await outcome({ faults: always('wrongType') }), { code: 'ERR_RESPONSE', retries: 0 })
      t.match(await outcome({ faults: always('redirect') }), { code: 'ERR_RESPONSE', retries: 0 })
      t.match(await outcome({ faults: always('body', { body: '{"totalNumberOfRecords":1,"data":true}' }) }), {
        code: 'ERR_RESPONSE',
        retries: 0,
      })
      t.match(await outcome({}, { maxPageBytes: 1000 }), { code: 'ERR_RESPONSE', retries: 0 })
      t.match(await outcome({ faults: [{ kind: 'login', page: 3 }] }), { ...whole, restarts: 1 })
    },
  'a column appears after the sample': async (t) => {
    t.equal(await findEncodingError([{ a: 1 }, { b: 2 }], toCsv({ sampleSize: 1 })), 'ERR_LATE_COLUMN')
  },
  'two columns would have the same name': async (t) => {
    t.equal(
      await findEncodingError([{ amount: 1, variables: { amount: 2 } }], toCsv({ naming: 'plain' })),
      'ERR_COLUMN_COLLISION',
    )
  },
  'a name in `columns`, `pick`, `omit`, `fields` or `types` matches nothing': async (t) => {
    const omit = ['variable:custommer']
    t.equal(await findEncodingError([named], toCsv({ omit })), undefined)
    t.equal(await findEncodingError([named], toCsv({ omit, strict: true })), 'ERR_UNMATCHED_NAME')
  },
  'a cell does not fit its Parquet type': async (t) => {
    t.equal(
      await findEncodingError([{ variables: { a: 'x' } }], toParquet({ types: { 'variable:a': 'int64' } })),
      'ERR_CELL_TYPE',
    )
  },
  'a value cannot be written as text, or an encoder fails': async (t) => {
    t.equal(await findEncodingError([{ a: Symbol('x') }], toCsv()), 'ERR_ENCODE')
  },
  'the temporary folder is full': async (t) => {
    const before = process.env['TMPDIR']
    process.env['TMPDIR'] = join(t.testdir(), 'nowhere')
    t.teardown(() => (before === undefined ? delete process.env['TMPDIR'] : (process.env['TMPDIR'] = before)))
    t.equal(await findEncodingError([{ a: 1 }], toCsv({ columns: 'all' })), 'ERR_SPOOL')
  },
  'the disk of the file is full, or a folder is missing': async (t) => {
    const path = join(t.testdir(), 'nowhere', 'file.csv')
    await t.rejects(pipeline(Readable.from([{ a: 1 }]), toCsv(), atomicFile(path)), { code: 'ERR_FILE' })
    const small = mkdtempSync(join(tmpdir(), 'small-'))
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', small], { stdio: 'ignore' })
    } catch {
      t.comment('the full disk is skipped: mounting one needs root')
      return
    }
    t.teardown(() => execFileSync('umount', [small]))
    const full = join(small, 'file.csv')
    writeFileSync(full, 'old')
    const many = Array.from({ length: 20_000 }, (_, at) => ({ at }))
    await t.rejects(pipeline(Readable.from(many), toCsv(), atomicFile(full)), { code: 'ERR_FILE', message: /ENOSPC/ })
    t.equal(readFileSync(full, 'utf8'), 'old')
    t.notOk(existsSync(`${full}.part`))
  },
  'you abort or destroy the stream': async (t) => {
    t.match(await outcome({}, { signal: AbortSignal.abort() }), { code: 'ABORT_ERR', records: 0 })
  },
}

const page = readDocument('docs/troubleshooting.md')
const table = page.split('## When something fails')[1]!.split('\n## ')[0]!
const documented = [...table.matchAll(/^\| (?!what fails|---)([^|]+) \|/gm)].map(([, first]) => first!.trim())

t.test('every row of the table is tested here, and no other', async (t) => {
  t.strictSame(Object.keys(rows), documented)
})

for (const [name, check] of Object.entries(rows)) t.test(name, check)
