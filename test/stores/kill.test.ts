// Kills a run that writes a dataset at calls to the file system, and an export at each request to a bucket. Afterwards the old files or
// the new ones are there, complete, and the next run leaves only its own.
import { createHash } from 'node:crypto'
import t from 'tap'
import { startFakeOptimize } from '../../lib/testing/index.js'
import type { DatasetManifest } from '../../lib/index.js'
import { listFiles, readManifestFile, verifyManifest } from '../support/readers/dataset-folder.js'
import { install, runInstalled } from '../support/command/installed.js'
import { runChild } from '../support/children/run-child.js'
import { startS3, type S3Server } from '../support/servers/s3-server.js'

t.setTimeout(300_000)

/** With `KILLS=all` each call to the file system is a moment of a kill, otherwise every second one. */
const STEP = process.env['KILLS'] === 'all' ? 1 : 2

t.test(
  'a kill at any call to the file system leaves the old dataset or the new one',
  { timeout: 300_000 },
  async (t) => {
    const path = t.testdir({})
    const write = async (rows: number, killAt = 0) =>
      runChild('dataset-child.ts', [path, String(rows), String(killAt)]).ended
    const calls = Number(/after (\d+) calls/.exec(await write(6))![1])
    const seen = { killed: 0, old: 0, new: 0, strays: 0 }
    for (let killAt = 1; ; killAt += STEP) {
      const before = verifyManifest(path)
      const rows = before === 6 ? 3 : 6
      const output = await write(rows, killAt)
      const after = verifyManifest(path)
      if (output !== '') break
      seen.killed++
      t.ok(after === before || after === rows, `call ${killAt}: ${after} rows`)
      seen[after === before ? 'old' : 'new']++
      const listed = new Set(readManifestFile(path)!.files.map((file) => file.path))
      if (listFiles(path).some((name) => !name.startsWith('_') && !listed.has(name))) seen.strays++
    }
    t.comment(JSON.stringify(seen))
    t.ok(seen.killed >= calls / STEP - 10 && seen.old > 10 && seen.new > 1 && seen.strays > 1)
    await write(9)
    t.equal(verifyManifest(path), 9)
    // the claim of a killed process to the lock may remain, until it is in the way of a later run
    const left = listFiles(path).filter((name) => !name.startsWith('_dataset.part.'))
    t.strictSame(left, ['_manifest.json', ...readManifestFile(path)!.files.map((file) => file.path)].sort())
  },
)

/** Returns the number of rows in a CSV object, or in a dataset. Throws if an object of the dataset is not the one in the manifest. */
function readRows(server: S3Server, key: string): number {
  const objects = server.buckets.get('lake')!
  if (!key.endsWith('/')) return objects.get(key)!.bytes.toString().split('\n').length - 2
  const { files, rows } = JSON.parse(objects.get(`${key}_manifest.json`)!.bytes.toString()) as DatasetManifest
  for (const { path, sha256 } of files)
    if (
      createHash('sha256')
        .update(objects.get(`${key}${path}`)!.bytes)
        .digest('hex') !== sha256
    )
      throw new Error(`${path} is not the object of the manifest`)
  return rows
}

t.test('a kill at any request to a bucket leaves the old objects or the new ones', { timeout: 300_000 }, async (t) => {
  const installed = await install(true)
  t.teardown(() => installed.remove())
  const fakes = await Promise.all([20, 30].map((records) => startFakeOptimize({ records })))
  t.teardown(() => Promise.all(fakes.map((fake) => fake.close())))
  for (const [key, flags] of [
    ['a.csv', []],
    ['orders/', ['--partition-by', 'startDate:year', '--format', 'csv']],
  ] as const) {
    const server = await startS3()
    t.teardown(() => server.close())
    const run = (fake: (typeof fakes)[number]) => {
      const env = { ...server.env, OPTIMIZE_URL: fake.url, OPTIMIZE_TOKEN: fake.token }
      return runInstalled(
        installed.bin,
        ['export', '--report', fake.reportId, '--out', `s3://lake/${key}`, ...flags],
        env,
      )
    }
    t.equal((await run(fakes[0]!).ended).code, 0)
    const seen = { killed: 0, old: 0, new: 0 }
    for (let killAt = 1; ; killAt++) {
      const before = readRows(server, key)
      const fake = fakes.find((other) => other.ids().length !== before)!
      let requests = 0
      let kill: () => void = () => undefined
      server.onRequest = () => {
        if (++requests < killAt) return undefined
        kill()
        // every second request is lost with the process, the others are carried out
        return killAt % 2 === 0 ? 'hold' : undefined
      }
      const { child, ended } = run(fake)
      kill = () => void child.kill('SIGKILL')
      const { code } = await ended
      server.onRequest = () => undefined
      const after = readRows(server, key)
      t.ok(after === before || after === fake.ids().length, `${key} request ${killAt}: ${after} rows`)
      const receipt = server.read(`s3://lake/${key}.json`)
      if (receipt !== undefined)
        t.equal((JSON.parse(receipt) as { rows: number }).rows, after, 'the receipt is of this object')
      if (code !== 'SIGKILL') break
      seen.killed++
      seen[after === before ? 'old' : 'new']++
    }
    t.comment(`${key}: ${JSON.stringify(seen)}`)
    t.ok(seen.killed > 5 && seen.old > 3 && seen.new > 0)
  }
})
