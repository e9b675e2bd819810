// Receipts beside files, and files that appear together.
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import * as fs from 'node:fs/promises'
import { dirname, join, posix, win32 } from 'node:path'
import { PassThrough, Readable, type Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import t from 'tap'
import { atomicFile, atomicFiles } from '../../lib/files/atomic-file.js'
import { disk } from '../../lib/files/local/disk.js'
import { getReceiptPath } from '../../lib/files/receipt.js'
import { catchRejection, catchError } from '../support/catch-error.js'
import { drainEventLoopTurns } from '../support/machine/event-loop-turns.js'
import { mountSmallDisk } from '../support/machine/small-disk.js'

const into = (file: Writable, ...chunks: (string | Uint8Array)[]) => pipeline(Readable.from(chunks), file)
const receiptOf = (path: string) => JSON.parse(readFileSync(`${path}.json`, 'utf8')) as Record<string, unknown>
const sha256 = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex')

t.test(
  'a receipt has the given content, the bytes, their sha256 and the time when the file was finished',
  async (t) => {
    const path = join(t.testdir(), 'a.csv')
    let rows = 0
    const file = atomicFile(path, { receipt: () => ({ rows }) })
    rows = 2
    const before = Date.now()
    await into(file, 'é', 'b\n', Buffer.alloc(300_000, 'x'))
    const { rows: receiptRows, bytes, sha256: digest, finishedAt } = receiptOf(path)
    t.strictSame([receiptRows, bytes, digest], [2, readFileSync(path).length, sha256(path)])
    t.ok(Date.parse(finishedAt as string) >= before)
    t.strictSame(readdirSync(join(path, '..')).sort(), ['a.csv', 'a.csv.json'])
  },
)

t.test('a receipt has its place also for a file name with a backslash and for an address', async (t) => {
  t.equal(getReceiptPath('/data/a.csv', 'beside'), '/data/a.csv.json')
  t.equal(getReceiptPath('/data/a\\b.csv', 'folder', posix), '/data/_receipts/a\\b.csv.json')
  t.equal(getReceiptPath('a.csv', 'folder', posix), '_receipts/a.csv.json')
  t.equal(getReceiptPath('s3://lake/n//a.csv', 'folder', posix), 's3://lake/n//_receipts/a.csv.json')
  t.equal(getReceiptPath('C:\\data\\a.csv', 'folder', win32), 'C:\\data\\_receipts\\a.csv.json')
})

t.test('without the option, other files beside the file stay', async (t) => {
  const folder = t.testdir({ 'a.json': 'mine' })
  await into(atomicFile(join(folder, 'a')), 'x')
  t.equal(readFileSync(join(folder, 'a.json'), 'utf8'), 'mine')
})

t.test('on failure the old file has its old receipt', async (t) => {
  const folder = t.testdir({ a: 'old', 'a.json': 'of the old' })
  const failing = Readable.from(
    (function* () {
      yield 'new'
      throw new Error('the source failed')
    })(),
  )
  const file = atomicFile(join(folder, 'a'), { receipt: () => ({}) })
  const closed = new Promise((resolve) => file.once('close', resolve))
  await catchRejection(pipeline(failing, file))
  await closed
  t.strictSame(readdirSync(folder).sort(), ['a', 'a.json'])
  t.equal(readFileSync(join(folder, 'a'), 'utf8'), 'old')
  t.equal(readFileSync(join(folder, 'a.json'), 'utf8'), 'of the old')
})

t.test('an old receipt is removed before its file is replaced, the new one appears after', async (t) => {
  const folder = t.testdir({ a: 'old', 'a.json': 'of the old' })
  const steps: string[] = []
  const rename = async (from: string, to: string) => {
    if (from === join(folder, 'a.json')) steps.push('the old receipt goes')
    else if (dirname(to) === folder)
      steps.push(
        `${to.slice(folder.length + 1)} is placed, receipt ${existsSync(join(folder, 'a.json')) ? '' : 'not '}there`,
      )
    return fs.rename(from, to)
  }
  t.intercept(disk, 'rename', { value: rename })
  await into(atomicFile(join(folder, 'a'), { receipt: () => ({}) }), 'new')
  t.strictSame(steps, ['the old receipt goes', 'a is placed, receipt not there', 'a.json is placed, receipt not there'])
})

t.test('a receipt that cannot be written is a failure before any file is replaced', async (t) => {
  const folder = t.testdir({ a: 'old' })
  const path = join(folder, 'a')
  const receipt = () => {
    throw new Error('no figures')
  }
  t.match(await catchRejection(into(atomicFile(path, { receipt }), 'new')), { code: 'ERR_FILE', message: /no figures/ })
  t.equal(readFileSync(path, 'utf8'), 'old')
  t.strictSame(readdirSync(folder), ['a'])
})

t.test('a receipt that is not an object, such as the promise of an async function, is a failure', async (t) => {
  const folder = t.testdir({ a: 'old' })
  for (const [receipt, got] of [
    [async () => ({ rows: 1 }), 'a Promise'],
    // without a handler for the rejection, this test fails
    [async () => Promise.reject(new Error('no figures')), 'a Promise'],
    [() => 'x', 'a string'],
  ] as [() => never, string][]) {
    const file = atomicFile(join(folder, 'a'), { receipt })
    const error = await catchRejection(pipeline(Readable.from(['new']), file))
    t.match(error, { code: 'ERR_FILE', message: new RegExp(`receipt: expected an object, got ${got}$`) })
  }
  t.equal(readFileSync(join(folder, 'a'), 'utf8'), 'old')
  t.strictSame(readdirSync(folder), ['a'])
})

t.test('a full disk leaves no receipt and no part of one', async (t) => {
  const folder = mountSmallDisk(t)
  if (folder === undefined) {
    t.comment('no file system of our own can be mounted')
    return
  }
  const path = join(folder, 'a')
  const file = atomicFile(path, { receipt: () => ({ long: 'x'.repeat(60_000) }) })
  t.match(await catchRejection(into(file, Buffer.alloc(32 * 1024))), { code: 'ERR_FILE', message: /ENOSPC/ })
  t.strictSame(readdirSync(folder), [])
})

t.test('no file of two is replaced before both are on the disk', async (t) => {
  const folder = t.testdir()
  const [first, second] = atomicFiles([
    { path: join(folder, 'a'), receipt: () => ({ of: 'a' }) },
    { path: join(folder, 'b') },
  ]) as [Writable, Writable]
  const synced = new Promise<void>((resolve) => {
    const open = async (...args: Parameters<typeof fs.open>) => {
      const handle = await fs.open(...args)
      const sync = handle.sync.bind(handle)
      handle.sync = () => sync().then(resolve)
      return handle
    }
    t.intercept(disk, 'open', { value: open })
  })
  const one = into(first, 'one')
  await new Promise((resolve) => second.write('t', resolve))
  await synced
  await drainEventLoopTurns()
  t.strictSame(readdirSync(folder).sort(), ['a.part', 'b.part'])
  second.end('wo')
  await one
  t.strictSame(readdirSync(folder).sort(), ['a', 'a.json', 'b'])
  t.equal(readFileSync(join(folder, 'b'), 'utf8'), 'two')
})

t.test('files and receipts are written in the order of the list, whichever file is complete first', async (t) => {
  const folder = t.testdir({})
  const order: string[] = []
  const files = ['a', 'b', 'c'].map((name) => ({
    path: join(folder, name),
    receipt: () => ({ order: order.push(name) }),
    onReceipt: ({ path }: { path: string }) => order.push(path.slice(folder.length + 1)),
  }))
  const streams = atomicFiles(files)
  const written: Promise<void>[] = []
  for (const stream of [...streams].reverse()) {
    written.push(pipeline(Readable.from(['x']), stream))
    await drainEventLoopTurns()
  }
  await Promise.all(written)
  t.strictSame(order, ['a', 'b', 'c', 'a.json', 'b.json', 'c.json'])
})

t.test('when one of two fails, both are as they were', async (t) => {
  const folder = t.testdir({ a: 'old a', b: 'old b', 'a.json': 'receipt' })
  const files = atomicFiles([{ path: join(folder, 'a'), receipt: () => ({}) }, { path: join(folder, 'b') }]) as [
    Writable,
    Writable,
  ]
  const one = catchRejection(into(files[0], 'one'))
  await new Promise((resolve) => files[1].write('t', resolve))
  files[1].destroy()
  t.match(await one, {
    code: 'ERR_FILE',
    message: `atomicFiles: no file was written, because ${join(folder, 'b')} was closed before its end`,
  })
  t.strictSame(readdirSync(folder).sort(), ['a', 'a.json', 'b'])
  t.equal(readFileSync(join(folder, 'a'), 'utf8'), 'old a')
})

t.test('a folder at the path of the second file is found before the first is replaced', async (t) => {
  const folder = t.testdir({ a: 'old', b: {} })
  const [a, b] = atomicFiles([{ path: join(folder, 'a') }, { path: join(folder, 'b') }]) as [Writable, Writable]
  const results = await Promise.all([catchRejection(into(a, 'x')), catchRejection(into(b, 'x'))])
  for (const error of results) t.match(error, { code: 'ERR_FILE', message: /b: it is a folder \(EISDIR\)$/ })
  t.equal(readFileSync(join(folder, 'a'), 'utf8'), 'old')
  t.strictSame(readdirSync(folder).sort(), ['a', 'b'])
})

t.test('when the second file cannot be moved, the first is removed again', async (t) => {
  const folder = t.testdir()
  let moves = 0
  const rename = async (from: string, to: string) => {
    // the order of the two is unknown before both are on the disk
    if (dirname(to) === folder && ++moves === 2) throw Object.assign(new Error('no'), { code: 'EIO' })
    return fs.rename(from, to)
  }
  t.intercept(disk, 'rename', { value: rename })
  const receipt = () => ({})
  const files = atomicFiles([
    { path: join(folder, 'a'), receipt },
    { path: join(folder, 'b'), receipt },
  ]) as [Writable, Writable]
  const results = await Promise.all(files.map((file) => catchRejection(into(file, 'x'))))
  for (const error of results) t.match(error, { code: 'ERR_FILE', message: /EIO/ })
  t.strictSame(readdirSync(folder), [])
})

t.test('a part folder that cannot be removed does not hide the failure', async (t) => {
  const folder = t.testdir()
  const unlinkSync = () => {
    throw new Error('not allowed')
  }
  t.intercept(disk, 'unlinkSync', { value: unlinkSync })
  const file = atomicFile(join(folder, 'a'))
  await new Promise((resolve) => file.write('x', resolve))
  const failed = catchRejection(new Promise((_, reject) => file.once('error', reject)))
  file.destroy(new Error('the source failed'))
  t.match(await failed, { message: 'the source failed' })
  writeFileSync(join(folder, 'other'), '')
  t.strictSame(readdirSync(folder).sort(), ['a.part', 'other'])
})

t.test('when a pipeline rejects, the part folder is removed, however long the pipeline is', async (t) => {
  const folder = t.testdir()
  for (let at = 0; at < 20; at++) {
    const file = atomicFile(join(folder, 'a'))
    await new Promise((resolve) => file.write('x', resolve))
    const failing = new Readable({ objectMode: true, read: () => failing.destroy(new Error('no')) })
    await catchRejection(pipeline(failing, new PassThrough(), new PassThrough(), file))
    t.strictSame(readdirSync(folder), [])
  }
})

t.test('a bad option is an OptionError at the call', async (t) => {
  t.match(
    catchError(() => atomicFile('a', { receipt: 7 as never })),
    {
      code: 'ERR_OPTION',
      message: 'atomicFile: receipt: expected a function, got 7',
    },
  )
  t.match(
    catchError(() => atomicFiles([{ path: '' }])),
    { message: /^atomicFiles: path: expected a path/ },
  )
  t.match(
    catchError(() => atomicFile('a', { recipt: () => ({}) } as never)),
    { message: /did you mean receipt/ },
  )
})
