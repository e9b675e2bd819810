// Each call to the file system fails once. After each failure the manifest lists files that exist, and the next run removes all others.
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import t from 'tap'
import { toDataset } from '../../lib/index.js'
import { disk } from '../../lib/files/local/disk.js'
import { listFiles, readManifestFile, verifyManifest } from '../support/readers/dataset-folder.js'
import { createInstance } from '../support/loads/instances.js'
import { createDatedInstances, writeDataset } from '../support/encode/write-dataset.js'

const original = { ...disk }
t.afterEach(() => void Object.assign(disk, original))

const write = (path: string, count: number) =>
  writeDataset({ path, format: 'csv', partitionBy: 'startDate:month' }, createDatedInstances(count))

/** Makes the call with this number fail. Returns a function that returns whether there was such a call. */
function failCall(number: number): () => boolean {
  let calls = 0
  const attempt = () => {
    if (++calls === number) throw Object.assign(new Error('broken'), { code: 'EIO' })
  }
  const failing =
    (name: string, call: (...argv: never[]) => unknown) =>
    async (...argv: never[]) => {
      attempt()
      const result: unknown = await call(...argv)
      if (name === 'open') failHandle(result as FileHandle)
      return result
    }
  const failHandle = (handle: FileHandle) => {
    for (const name of ['write', 'sync', 'writeFile'] as const) {
      const call = handle[name].bind(handle) as (...argv: never[]) => Promise<unknown>
      Object.assign(handle, { [name]: failing(name, call) })
    }
  }
  for (const name of ['mkdir', 'open', 'readFile', 'readdir', 'rename', 'rmdir', 'unlink'] as const)
    Object.assign(disk, { [name]: failing(name, original[name] as never) })
  return () => calls >= number
}

t.test(
  'after any failure of the disk the dataset is the old one or the new one, and the next run cleans up',
  async (t) => {
    const folder = t.testdir({})
    const seen = { failed: 0, complete: 0, warned: 0 }
    for (let number = 1; ; number++) {
      const path = join(folder, String(number))
      t.equal((await write(path, 3)).error, undefined)
      const before = listFiles(path)
      const hasFailed = failCall(number)
      const { error, warnings } = await write(path, 6)
      Object.assign(disk, original)
      if (!hasFailed()) break
      const rows = verifyManifest(path)
      t.equal(rows, error === undefined ? 6 : 3, `call ${number}: ${String(error)}`)
      if (error === undefined) seen.complete++
      else {
        seen.failed++
        t.match(error, { code: 'ERR_FILE' })
        const left = listFiles(path).filter((name) => !before.includes(name) && !/^_/.test(name))
        if (warnings.length === 0) t.strictSame(left, [], `call ${number}`)
      }
      if (warnings.length > 0) seen.warned++
      t.equal((await write(path, 9)).error, undefined)
      t.equal(verifyManifest(path), 9)
      t.strictSame(
        listFiles(path).sort(),
        ['_manifest.json', ...readManifestFile(path)!.files.map((file) => file.path)].sort(),
        `after call ${number} the next run leaves only its files`,
      )
    }
    t.comment(JSON.stringify(seen))
    t.ok(seen.failed > 20 && seen.complete > 3 && seen.warned > 1)
  },
)

t.test('the next run removes the files of a run that was killed between its first and its last move', async (t) => {
  const path = t.testdir({})
  await write(path, 3)
  const { files, run } = readManifestFile(path)!
  const stray = files[0]!.path.replace(run.id, '20261129t000000z-00000000')
  const foreign = 'startdate_month=2026-01/part-00000.csv'
  for (const name of [stray, foreign]) writeFileSync(join(path, name), 'x')
  writeFileSync(
    join(path, '_pending-x.json'),
    JSON.stringify({ adds: [stray, foreign, '../outside'], removes: [files[0]!.path] }),
  )
  mkdirSync(join(path, '_staging-killed'))
  writeFileSync(join(path, '_staging-killed/0.part'), 'x')
  writeFileSync(join(path, '_staging-killed/mine'), 'x')
  t.equal(verifyManifest(path), 3)
  await write(path, 1)
  t.strictSame(
    listFiles(path),
    ['_manifest.json', '_staging-killed/mine', foreign, readManifestFile(path)!.files[0]!.path].sort(),
  )
  t.equal(readFileSync(join(path, foreign), 'utf8'), 'x')
})

t.test('a process that was suspended while another one took over the folder changes nothing', async (t) => {
  const path = t.testdir({})
  await write(path, 3)
  const dataset = toDataset({ path, format: 'csv' })
  const closed = new Promise((resolve) => dataset.once('close', resolve))
  let error: unknown
  dataset.on('error', (reason) => (error = reason))
  await new Promise((resolve) => dataset.write(createInstance('x'), resolve))
  writeFileSync(join(path, '_dataset.part/owner'), JSON.stringify({ id: '0'.repeat(36) }))
  dataset.end()
  await closed
  t.match(error, {
    code: 'ERR_FILE',
    message: /another export took over the folder, because this process was suspended/,
  })
  t.equal(verifyManifest(path), 3)
  t.ok(existsSync(join(path, '_dataset.part')), 'the lock of the other process stays')
})

t.test('a stream is not destroyed while its files are moved into place', async (t) => {
  const path = t.testdir({})
  const dataset = toDataset({ path, format: 'csv', partitionBy: 'startDate:month' })
  disk.rename = async (from, to) => {
    dataset.destroy(new Error('too late'))
    return original.rename(from, to)
  }
  await pipeline(Readable.from(createDatedInstances(3)), dataset)
  t.equal(verifyManifest(path), 3)
})

t.test('if files of an earlier run cannot be removed, there is a warning', async (t) => {
  for (const [count, stray] of [
    [1, /part-\d{5}-/],
    [3, /part-\d{5}-/],
    [3, /_pending-/],
  ] as const) {
    const path = t.testdir({})
    await write(path, count)
    disk.unlink = async (file) => {
      if (stray.test(String(file))) throw Object.assign(new Error('broken'), { code: 'EIO' })
      return original.unlink(file)
    }
    const { error, warnings } = await write(path, count)
    Object.assign(disk, original)
    t.equal(error, undefined)
    t.match(warnings, [
      {
        code: 'WARN_STRAY_FILES',
        message: 'could not remove all files that the dataset does not use; the next run tries again: broken',
      },
    ])
    t.equal(warnings.length, 1)
    t.equal(verifyManifest(path), count)
  }
})

t.test('a folder that another writer removes before it is locked is created again', async (t) => {
  const folder = join(t.testdir(), 'd')
  let removed = 0
  disk.mkdirSync = ((path: string, mode: number) => {
    if (removed++ === 0) rmdirSync(folder)
    original.mkdirSync(path, mode)
  }) as typeof disk.mkdirSync
  await write(folder, 3)
  t.ok(removed > 1)
  t.equal(verifyManifest(folder), 3)
})
