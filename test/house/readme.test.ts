// Every sample of the documents is compiled against the built package and run against the fake server.
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import ts from 'typescript'
import { startFakeOptimize } from '../../lib/testing/index.js'
import { install } from '../support/installed.js'

const root = join(import.meta.dirname, '../..')
t.setTimeout(300_000)
const run = promisify(execFile)

async function samplesOf(document: string, language: 'ts' | 'sh' = 'ts'): Promise<string[]> {
  const text = await readFile(join(root, document), 'utf8')
  return [...text.matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, 'g'))].map(([, code]) => code!)
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

t.test('every command line runs', async (t) => {
  const server = await startFakeOptimize({ records: 1500, collection: { c: ['r1', 'r2'] } })
  t.teardown(() => server.close())
  const installed = await install()
  t.teardown(() => installed.remove())
  const cwd = await mkdtemp(join(tmpdir(), 'sample-'))
  t.teardown(() => rm(cwd, { recursive: true }))
  const { PATH = '', HOME } = process.env
  const env = {
    PATH: `${dirname(installed.bin)}:${PATH}`,
    HOME,
    OPTIMIZE_URL: server.url,
    OPTIMIZE_TOKEN: server.token,
    REPORT: server.reportId,
    COLLECTION: 'c',
  }
  const lines = (await samplesOf('README.md', 'sh')).join('').split('\n')
  const commands = lines.filter((line) => line.startsWith('optimize-export '))
  t.ok(commands.length >= 6)
  for (const command of commands) {
    const { stdout } = await run('sh', ['-c', command], { cwd, env })
    if (/list|inspect|--json|--out - /.test(command)) t.not(stdout, '', command)
  }
  t.ok((await readdir(cwd)).includes('events.csv.json'))
})
