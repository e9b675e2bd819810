// One golden file per report kind and API version, byte for byte. `GOLDEN=write npx tap test/pipeline/golden.test.ts`
// writes them again; read the difference before you commit it.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import t, { type Test } from 'tap'
import { readBytesWithDuckdb } from '../support/readers/read-parquet.js'
import { exportStream, toCsv, toNdjson, toParquet, type Encoder } from '../../lib/index.js'
import { startFakeOptimize, type FakeOptimizeOptions } from '../../lib/testing/index.js'

const folder = join(import.meta.dirname, '../fixtures/golden')

/** Records of Optimize 3.9 and 3.10: counts at the top, no flow-node instances. */
const older = {
  processDefinitionKey: 'aProcess',
  processDefinitionId: 'aProcess:1:1801',
  processInstanceId: '1809',
  numberOfIncidents: 1,
  numberOfOpenIncidents: 0,
  numberOfUserTasks: 2,
  flowNodeDurations: { startEvent: { name: 'Start', value: 0 } },
  businessKey: 'aBusinessKey',
  startDate: '2021-12-02T17:21:49.330+0200',
  endDate: null,
  duration: 123456,
  engineName: 'camunda-bpm',
  tenantId: null,
  variables: { amount: '12' },
}

const cases: Record<string, FakeOptimizeOptions> = {
  'process-3.7': { era: '3.7' },
  'process-3.10': { data: [older] },
  'process-8.6': { era: '8.6' },
  'process-8.7': { era: '8.7' },
  'process-8.8': { era: '8.8' },
  'process-hostile': {
    hostileValues: true,
    variableNames: ['__proto__', 'a.b', 'a,b', 'say "hi"', 'line\nbreak', '😀', ''],
  },
  'process-objects-placeholder': { objectVariables: 'placeholder' },
  'process-objects-json': { objectVariables: 'json' },
  'process-objects-flattened': { variableNames: ['user.firstName', 'users', 'users._listSize'] },
  decision: { report: 'decision' },
  map: { report: 'map' },
  'hyper-map': { report: 'hyperMap' },
  number: { report: 'number' },
  'no-data': { report: 'number', noData: true },
  'no-index': { hasImportedData: false },
}

async function exported(server: FakeOptimizeOptions, encoder: Encoder): Promise<Buffer> {
  const fake = await startFakeOptimize({ records: 4, variables: 3, flowNodes: 2, ...server })
  const chunks: Buffer[] = []
  const source = exportStream({ baseUrl: fake.url, reportId: fake.reportId, accessToken: fake.token })
  await pipeline(source, encoder, async (bytes: AsyncIterable<Buffer>) => {
    for await (const chunk of bytes) chunks.push(chunk)
  })
  await fake.close()
  return Buffer.concat(chunks)
}

/** The content of the file as DuckDB reads it: one line per column, then one line per row. */
async function asTable(parquet: Buffer): Promise<Buffer> {
  const { names, types, rows } = await readBytesWithDuckdb(parquet)
  const plain = (_key: string, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value)
  const lines = [
    ...names.map((name, at) => `${JSON.stringify(name)} ${types[at]}`),
    ...rows.map((row) => JSON.stringify(row, plain)),
  ]
  return Buffer.from(lines.join('\n') + '\n')
}

function holds(t: Test, file: string, bytes: Buffer): void {
  const path = join(folder, file)
  if (process.env['GOLDEN'] === 'write') writeFileSync(path, bytes)
  t.equal(bytes.toString(), readFileSync(path, 'utf8'), file)
}

for (const [name, server] of Object.entries(cases)) {
  t.test(`${name} is as it was`, async (t) => {
    holds(t, `${name}.csv`, await exported(server, toCsv()))
    holds(t, `${name}.optimize.csv`, await exported(server, toCsv({ preset: 'optimize' })))
    holds(t, `${name}.ndjson`, await exported(server, toNdjson()))
    holds(t, `${name}.parquet.txt`, await asTable(await exported(server, toParquet())))
  })
}
