// `--types-from`: the file of one night has the columns and types of the file of the night before.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { startFakeOptimize } from '../../lib/testing/index.js'
import { runCommand } from '../support/command/command-line.js'
import { readBytesWithDuckdb } from '../support/readers/read-parquet.js'

async function setUp(t: Test) {
  const server = await startFakeOptimize({ records: 40 })
  t.teardown(() => server.close())
  const env = { OPTIMIZE_URL: server.url, OPTIMIZE_TOKEN: server.token }
  return {
    folder: t.testdir(),
    run: (...argv: string[]) => runCommand(['export', '--report', server.reportId, ...argv], { env }),
  }
}

t.test('the receipt of a file gives the next one its columns and types, also over the same path', async (t) => {
  const { folder, run } = await setUp(t)
  const path = join(folder, 'a.parquet')
  const receipt = `${path}.json`
  const one = await run('--out', path, '--infer-types')
  t.equal(one.code, 0, one.stderr)
  const schema = () => (JSON.parse(readFileSync(receipt, 'utf8')) as { schema: { name: string }[] }).schema
  const before = schema()
  const { names, types } = await readBytesWithDuckdb(readFileSync(path))
  t.strictSame(
    before.map(({ name }) => name),
    names,
  )
  const events = join(folder, 'events.parquet')
  const two = await run('--out', path, '--types-from', receipt, '--events', events)
  t.equal(two.code, 0, two.stderr)
  const read = await readBytesWithDuckdb(readFileSync(path))
  t.strictSame([read.names, read.types, schema()], [names, types, before])
  t.ok((await readBytesWithDuckdb(readFileSync(events))).names.includes('flowNodeInstanceId'))
})

t.test('the same flags with --types-from give the same columns, also with a map of some variables', async (t) => {
  const { folder, run } = await setUp(t)
  const flags = ['--variables', 'map', '--pick', 'processInstanceId', '--pick', 'variable:amount']
  const [one, two] = [join(folder, '1.parquet'), join(folder, '2.parquet')]
  t.equal((await run('--out', one, ...flags)).code, 0)
  const second = await run('--out', two, ...flags, '--types-from', `${one}.json`)
  t.equal(second.code, 0, second.stderr)
  t.strictSame(await readBytesWithDuckdb(readFileSync(two)), await readBytesWithDuckdb(readFileSync(one)))
})

t.test('with --types-from a new column is late, and an unreadable receipt is a usage error', async (t) => {
  const { folder, run } = await setUp(t)
  const receipt = join(folder, 'r.json')
  writeFileSync(
    receipt,
    JSON.stringify({ schema: [{ name: 'processInstanceId', type: 'string', chosen: 'inferred' }] }),
  )
  const late = await run('--out', join(folder, 'b.parquet'), '--types-from', receipt)
  t.equal(late.code, 1)
  t.match(late.stderr, /is not in the schema of typesFrom|--late-columns/)
  const missing = await run('--out', join(folder, 'b.parquet'), '--types-from', join(folder, 'none.json'))
  t.equal(missing.code, 2)
  t.match(missing.stderr, /--types-from .*none\.json: could not be read: there is no such file or folder \(ENOENT\)/)
  writeFileSync(receipt, 'rows,5')
  const odd = await run('--out', join(folder, 'b.parquet'), '--types-from', receipt)
  t.equal(odd.code, 2)
  t.match(odd.stderr, /expected the JSON of a receipt/)
  const csv = await run('--out', join(folder, 'b.csv'), '--types-from', receipt)
  t.equal(csv.code, 2)
})
