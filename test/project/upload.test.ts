// The streaming upload of docs/loading.md: after a failed export the server has only a request that never ended.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import t from 'tap'
import ts from 'typescript'
import { startFakeOptimize } from '../../lib/testing/index.js'
import { listSamples } from '../support/project/documents.js'

const folder = join(import.meta.dirname, '../../.tap', 'samples')
const sample = listSamples('docs/loading.md').find(({ code }) => code.includes("method: 'PUT'"))!

t.test('an export that fails on page 3 aborts the upload', async (t) => {
  const optimize = await startFakeOptimize({ records: 5000, faults: [{ kind: '401', page: 3, times: Infinity }] })
  const outcomes: string[] = []
  const store = createServer((request, response) => {
    request.on('error', () => undefined)
    request.on('close', () => outcomes.push(request.complete ? 'whole' : 'cut off'))
    request.on('end', () => response.end())
    request.resume()
  })
  store.listen(0, '127.0.0.1')
  await once(store, 'listening')
  t.teardown(async () => {
    store.close()
    await optimize.close()
  })
  mkdirSync(folder, { recursive: true })
  const script = join(folder, 'upload-that-fails.mjs')
  const compilerOptions = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 }
  writeFileSync(script, ts.transpileModule(sample.code, { compilerOptions }).outputText)
  const { port } = store.address() as AddressInfo
  const env = {
    OPTIMIZE_URL: optimize.url,
    OPTIMIZE_REPORT: optimize.reportId,
    OPTIMIZE_TOKEN: optimize.token,
    UPLOAD_URL: `http://127.0.0.1:${port}`,
  }
  const child = spawn(process.execPath, [script], { env, stdio: ['ignore', 'ignore', 'pipe'] })
  let stderr = ''
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
  const [code] = (await once(child, 'close')) as [number]
  t.equal(code, 1)
  t.match(stderr, 'ERR_AUTH')
  t.strictSame(outcomes, ['cut off'])
})
