import { execFileSync } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { createFolder, disk } from '../../lib/files/local/disk.js'
import { createLoadFolder } from '../../lib/load/extract/load-folder.js'
import { makeDiskReadOnly } from '../support/machine/read-only-disk.js'
import { mountSmallDisk } from '../support/machine/small-disk.js'
import { createDatedInstances, writeDataset } from '../support/encode/write-dataset.js'

t.test('a folder and the folders above it are created, or the error is that of the system', async (t) => {
  const folder = t.testdir()
  for (let time = 0; time < 2; time++) await createFolder(join(folder, 'a', 'b'))
  t.ok(existsSync(join(folder, 'a', 'b')))
  writeFileSync(join(folder, 'file'), '')
  await t.rejects(createFolder(join(folder, 'file', 'b')), { code: 'ENOTDIR' })
  t.match((await writeDataset({ path: join(folder, 'file') }, createDatedInstances(1))).error, {
    code: 'ERR_FILE',
    message: /cannot create .*: .*\/file is a file, and a folder is expected \(EEXIST\)$/,
  })
  // as if the folder above was removed while the call ran
  let calls = 0
  const { mkdir } = disk
  const mock = t.intercept(disk, 'mkdir', {
    value: (...argv: Parameters<typeof mkdir>) =>
      calls++ === 0 ? Promise.reject(Object.assign(new Error('none'), { code: 'ENOENT' })) : mkdir(...argv),
  })
  const removeEmptyFolders = await createFolder(join(folder, 'c', 'd'))
  t.ok(existsSync(join(folder, 'c', 'd')))
  await removeEmptyFolders()
  t.notOk(existsSync(join(folder, 'c')))
  mock.restore()
  // as for a drive of Windows that does not exist
  t.intercept(disk, 'mkdir', { value: () => Promise.reject(Object.assign(new Error('none'), { code: 'ENOENT' })) })
  await t.rejects(createFolder('/a'), { code: 'ENOENT' })
})

t.test('a read-only disk is named by a real disk, by datasets and by loads', async (t) => {
  const mounted = mountSmallDisk(t)
  if (mounted !== undefined) {
    execFileSync('mount', ['-o', 'remount,ro', mounted])
    await t.rejects(createFolder(join(mounted, 'a', 'b')), { code: 'EROFS' })
  }
  const folder = t.testdir()
  makeDiskReadOnly(t)
  const path = join(folder, 'a', 'b')
  t.match((await writeDataset({ path }, createDatedInstances(1))).error, {
    code: 'ERR_FILE',
    message: /the file system is read-only \(EROFS\)/,
  })
  await t.rejects(createLoadFolder(path, 'id', 'loadReport'), {
    code: 'ERR_FILE',
    message: /: the file system is read-only \(EROFS\)$/,
  })
})
