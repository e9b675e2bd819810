// Every sample of the documents is compiled against the built package and run against the fake server. The samples of one document run
// in their order and in one folder. If a sample cannot run, a comment before it says why.
import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { DuckDBInstance } from '@duckdb/node-api'
import t, { type Test } from 'tap'
import ts from 'typescript'
import { startFakeOptimize } from '../../lib/testing/index.js'
import { documents, getSampleName, listSamples, type Sample } from '../support/project/documents.js'
import { install } from '../support/command/installed.js'
import { startPostgres } from '../support/servers/postgres.js'

const root = join(import.meta.dirname, '../..')
t.setTimeout(300_000)
const run = promisify(execFile)

// inside the package, so that a sample imports it by its name, as in user code
const folder = join(root, '.tap', 'samples')
mkdirSync(folder, { recursive: true })
const samples = documents.flatMap(listSamples)
const compiled = samples.filter(({ language, notRun }) => language === 'ts' && notRun === undefined)
const pathOf = ({ document, line }: Sample) => join(folder, `${document.replace(/\W/g, '-')}-${line}.mts`)
for (const sample of compiled) writeFileSync(pathOf(sample), sample.code)

t.test('each block has one of the known languages', async (t) => {
  const unknown = samples.filter(({ language }) => !['ts', 'sh', 'powershell', 'sql', 'text'].includes(language))
  t.strictSame(unknown.map(getSampleName), [])
})

t.test('these lists have all needs of samples, and all samples that are not run', async (t) => {
  t.strictSame([...new Set(samples.flatMap(({ needs }) => needs ?? []))], ['postgres'])
  t.strictSame(
    samples.flatMap(({ notRun, document }) => (notRun === undefined ? [] : `${document}: ${notRun}`)),
    [
      'README.md: needs the package in the registry',
      'README.md: npm ci empties node_modules; .ci/run does it',
      'README.md: an address of your own',
      'README.md: Windows, and an address of your own',
      'CONTRIBUTING.md: the tests run in it',
      'docs/loading.md: needs target-jsonl',
      'docs/object-stores.md: needs a bucket; the tests run the same against a server of their own',
      'docs/object-stores.md: needs a bucket',
      'docs/object-stores.md: needs MinIO',
      'docs/object-stores.md: needs a bucket',
      'docs/parquet.md: needs pyarrow',
      'docs/process-mining.md: needs pm4py',
      'docs/process-mining.md: needs pm4py',
      'docs/scheduling.md: needs a cluster',
      'docs/start.md: needs the package in the registry',
      'docs/start.md: a report of your own',
      'docs/start.md: Windows, and a report of your own',
      'docs/start.md: the client of your own',
      'docs/start.md: Windows, and the client of your own',
      'docs/start.md: the application of your own',
      'docs/start.md: an address and a token of your own',
      'docs/start.md: Windows, and an address and a token of your own',
    ],
  )
})

t.test('every sample compiles under strict types, with the declarations of the package', async (t) => {
  const program = ts.createProgram(compiled.map(pathOf), {
    strict: true,
    noEmit: true,
    skipLibCheck: false,
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    types: ['node'],
  })
  const diagnostics = ts.getPreEmitDiagnostics(program).map(({ file, messageText }) => {
    return `${file?.fileName ?? ''}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`
  })
  // with skipLibCheck: false, the compiler also checks the declarations of other packages
  t.strictSame(
    diagnostics.filter((diagnostic) => !diagnostic.includes('/node_modules/')),
    [],
  )
})

/** Starts a server for uploads. It keeps each body that arrives completely. */
async function startStore() {
  const files = new Map<string, Buffer>()
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      files.set(request.url!, Buffer.concat(chunks))
      response.end()
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const close = () => server.close()
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, files, close }
}

t.test('every sample runs', async (t) => {
  const oauth = { clientId: 'id', clientSecret: 'secret' }
  const reports = { collections: { c: ['r1', 'r2'] }, oauth, token: 'readme-token' }
  const server = await startFakeOptimize({ records: 1500, ...reports })
  const store = await startStore()
  const installed = await install(true)
  const postgres = samples.some(({ needs }) => needs === 'postgres') ? await startPostgres() : 'no sample needs it'
  t.teardown(async () => {
    if (typeof postgres !== 'string') await postgres.stop()
    installed.remove()
    store.close()
    await server.close()
  })
  const { PATH = '', HOME } = process.env
  const env = {
    PATH: `${dirname(installed.bin)}:${PATH}`,
    HOME,
    OPTIMIZE_URL: server.url,
    OPTIMIZE_REPORT: server.reportId,
    OPTIMIZE_TOKEN: server.token,
    OPTIMIZE_TOKEN_URL: `${server.url}/oauth/token`,
    UPLOAD_URL: store.url,
    REPORT: server.reportId,
    COLLECTION: 'c',
  }
  // not for the command, which would prefer them to the token
  const credentials = { OPTIMIZE_CLIENT_ID: oauth.clientId, OPTIMIZE_CLIENT_SECRET: oauth.clientSecret }
  const lacks = ({ needs }: Sample) => (needs === 'postgres' && typeof postgres === 'string' ? postgres : undefined)

  const runners: Record<string, (sample: Sample, cwd: string, t: Test) => Promise<void>> = {
    async ts(sample, cwd, t) {
      const script = pathOf(sample).replace(/mts$/, 'mjs')
      const compilerOptions = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 }
      writeFileSync(script, ts.transpileModule(sample.code, { compilerOptions }).outputText)
      const { stderr } = await run(process.execPath, [script], { cwd, env: { ...env, ...credentials } })
      t.equal(stderr, '')
    },
    async sh(sample, cwd, t) {
      const more = typeof postgres === 'string' ? {} : postgres.env
      const { stdout } = await run('sh', ['-euc', sample.code], { cwd, env: { ...env, ...more } })
      // the expected output is a comment beside the command, such as `# => 1500`
      for (const [, expected] of sample.code.matchAll(/ # => (.+)$/gm)) t.match(stdout, expected!)
    },
    async sql(sample, cwd, t) {
      const instance = await DuckDBInstance.create()
      const connection = await instance.connect()
      await connection.run(`SET file_search_path = '${cwd}'; SET TimeZone = 'UTC'`)
      const results = []
      for (const statement of sample.code.split(/;\n/).filter((text) => text.trim() !== ''))
        results.push((await connection.runAndReadAll(statement)).getRowsJson())
      connection.closeSync()
      t.ok(results.every((rows) => rows.length > 0))
      for (const [, expected] of sample.code.matchAll(/ -- => (.+)$/gm)) t.match(JSON.stringify(results), expected!)
    },
  }

  t.jobs = 2
  const runSamples = async (t: Test, document: string) => {
    const cwd = mkdtempSync(join(tmpdir(), 'sample-'))
    t.teardown(() => rmSync(cwd, { recursive: true }))
    for (const sample of listSamples(document)) {
      const runner = runners[sample.language]
      if (!runner) continue
      const reason = sample.notRun ?? lacks(sample)
      await t.test(getSampleName(sample), reason === undefined ? {} : { skip: reason }, (t) => runner(sample, cwd, t))
    }
  }
  await Promise.all(
    documents.map((document) => t.test(document, { buffered: true }, (t: Test) => runSamples(t, document))),
  )
  t.match([...store.files.keys()], ['/instances.csv'], 'what the upload sample sent')
  t.equal(store.files.get('/instances.csv')?.toString().trimEnd().split('\n').length, 1501)
})

t.test('links between the documents have targets', async (t) => {
  const { isLinkValid, listLinks } = await import('../support/project/links.js')
  const broken = documents.flatMap((document) => listLinks(document).filter((link) => !isLinkValid(document, link)))
  t.strictSame(broken, [])
})
