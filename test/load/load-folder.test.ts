// The temporary folder of a load, and what killed loads left of theirs.
import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { createLoadFolder } from '../../lib/load/extract/load-folder.js'

t.test('a folder that a killed load had begun to remove is removed', async (t) => {
  const before = process.env['TMPDIR']
  const temporary = t.testdir()
  process.env['TMPDIR'] = temporary
  t.teardown(() => {
    if (before === undefined) delete process.env['TMPDIR']
    else process.env['TMPDIR'] = before
  })
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
