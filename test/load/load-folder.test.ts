// The temporary folder of a load, and what killed loads left of theirs.
import { spawnSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
  type RmOptions,
} from 'node:fs'
import * as fs from 'node:fs/promises'
import { basename, join } from 'node:path'
import t, { type Test } from 'tap'
import type { Owner } from '../../lib/files/local/owner.js'
import * as loadFolder from '../../lib/load/extract/load-folder.js'

const { createLoadFolder } = loadFolder

function setTemporaryFolder(t: Test, path: string): void {
  const before = process.env['TMPDIR']
  process.env['TMPDIR'] = path
  t.teardown(() => {
    if (before === undefined) delete process.env['TMPDIR']
    else process.env['TMPDIR'] = before
  })
}

t.test('a folder that a killed load had begun to remove is removed', async (t) => {
  const temporary = t.testdir()
  setTemporaryFolder(t, temporary)
  mkdirSync(join(temporary, 'optimize-export-load-killed.removed'))
  mkdirSync(join(temporary, 'optimize-export-load-begun'))
  const folder = await createLoadFolder(undefined, 'id', 'loadReport')
  t.strictSame(
    readdirSync(temporary)
      .map((name) => join(temporary, name))
      .sort(),
    [folder.path, join(temporary, 'optimize-export-load-begun')].sort(),
    'a folder without an owner may be one that another load is creating',
  )
  await folder.remove()
  t.strictSame(readdirSync(temporary), ['optimize-export-load-begun'])
  const other = await createLoadFolder(undefined, 'id', 'loadReport')
  rmSync(other.path, { recursive: true })
  await other.remove()
  t.strictSame(readdirSync(temporary), ['optimize-export-load-begun'], 'a folder that is gone needs no removal')
})

t.test('a folder that cannot be removed does not fail the load, which may be committed', async (t) => {
  const temporary = join(t.testdir({ disk: {} }), 'disk')
  setTemporaryFolder(t, temporary)
  const folder = await createLoadFolder(undefined, 'id', 'loadReport')
  rmSync(temporary, { recursive: true })
  writeFileSync(temporary, 'a file in place of the folder above')
  await t.rejects(fs.readdir(folder.path), { code: 'ENOTDIR' })
  await t.resolves(folder.remove())
})

t.test('a folder that cannot be renamed is removed too, and keeps its owner as long as a file is left', async (t) => {
  const temporary = t.testdir()
  setTemporaryFolder(t, temporary)
  const folder = await createLoadFolder(undefined, 'id', 'loadReport')
  writeFileSync(`${folder.path}.removed`, 'a folder cannot get the name of a file')
  writeFileSync(join(folder.path, 'records.parquet'), '')
  await folder.remove()
  t.strictSame(readdirSync(temporary), [`${basename(folder.path)}.removed`])

  /** Removes what it can, as `rm` does, but not this file. */
  const rm = async (path: string, options: RmOptions): Promise<void> => {
    const isFolder = existsSync(path) && statSync(path).isDirectory()
    if (isFolder) for (const name of await fs.readdir(path)) await rm(join(path, name), options).catch(() => undefined)
    if (path.endsWith('events.parquet')) throw Object.assign(new Error('busy'), { code: 'EBUSY' })
    await (isFolder ? fs.rmdir(path) : fs.rm(path, options))
  }
  const busy = await t.mockImport<typeof loadFolder>('../../lib/load/extract/load-folder.js', {
    'node:fs/promises': { ...fs, rm },
  })
  const busyFolder = await busy.createLoadFolder(undefined, 'id', 'loadReport')
  const { path } = busyFolder
  writeFileSync(`${path}.removed`, '')
  for (const name of ['events.parquet', 'records.parquet']) writeFileSync(join(path, name), '')
  await busyFolder.remove()
  t.strictSame(readdirSync(path).sort(), ['events.parquet', 'owner'])
  const owner = JSON.parse(readFileSync(join(path, 'owner'), 'utf8')) as Owner
  const ended = spawnSync(process.execPath, ['--version']).pid
  writeFileSync(join(path, 'owner'), JSON.stringify({ ...owner, pid: ended }))
  const next = await createLoadFolder(undefined, 'id', 'loadReport')
  t.notOk(existsSync(path), 'the process of its owner has ended')
  await next.remove()
})
