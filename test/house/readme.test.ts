// Every sample of the documents is compiled against the built package and run against the fake server.
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import ts from 'typescript'
import { startFakeOptimize } from '../../lib/testing/index.js'

const root = join(import.meta.dirname, '../..')
const run = promisify(execFile)

async function samplesOf(document: string): Promise<string[]> {
  const text = await readFile(join(root, document), 'utf8')
  return [...text.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code]) => code!)
}

// inside the package, so that a sample imports it by its name, as users do
const folder = join(root, '.tap', 'samples')
const samples = await samplesOf('README.md')
await mkdir(folder, { recursive: true })
const paths = samples.map((_, at) => join(folder, `sample-${at}.mts`))
await Promise.all(paths.map((path, at) => writeFile(path, samples[at]!)))

t.test('every sample compiles under strict types', async (t) => {
  const program = ts.createProgram(paths, {
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    types: ['node'],
  })
  const complaints = ts.getPreEmitDiagnostics(program).map(({ file, messageText }) => {
    return `${file?.fileName ?? ''}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`
  })
  t.strictSame(complaints, [])
})

t.test('every sample runs', async (t) => {
  const oauth = { clientId: 'id', clientSecret: 'secret' }
  const server = await startFakeOptimize({ records: 1500, token: 'readme-token', oauth })
  t.teardown(() => server.close())
  const env = {
    ...process.env,
    NODE_OPTIONS: '',
    OPTIMIZE_URL: server.url,
    OPTIMIZE_REPORT: server.reportId,
    OPTIMIZE_TOKEN: server.token,
    OPTIMIZE_TOKEN_URL: `${server.url}/oauth/token`,
    OPTIMIZE_CLIENT_ID: oauth.clientId,
    OPTIMIZE_CLIENT_SECRET: oauth.clientSecret,
  }
  for (const [at, path] of paths.entries()) {
    const cwd = await mkdtemp(join(tmpdir(), 'sample-'))
    const script = path.replace(/mts$/, 'mjs')
    await writeFile(
      script,
      ts.transpileModule(samples[at]!, {
        compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 },
      }).outputText,
    )
    const { stderr } = await run(process.execPath, [script], { cwd, env })
    t.equal(stderr, '', `sample ${at + 1}`)
    await rm(cwd, { recursive: true })
  }
})
