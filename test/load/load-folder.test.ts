// The temporary folder of a load, and what killed loads left of theirs.
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { createLoadFolder } from '../../lib/load/extract/load-folder.js'

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
  await t.rejects(readdir(folder.path), { code: 'ENOTDIR' })
  await t.resolves(folder.remove())
})
