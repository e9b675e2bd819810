// The kinds of destinations: links, special files, and files with another mode and owner.
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  chownSync,
  closeSync,
  createReadStream,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { Readable, type Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { text } from 'node:stream/consumers'
import t, { type Test } from 'tap'
import { atomicFile, atomicFiles } from '../../lib/files/atomic-file.js'
import { disk } from '../../lib/files/local/disk.js'
import { catchRejection } from '../support/catch-error.js'
import { createShortFolder } from '../support/machine/short-folder.js'

const into = (file: Writable, ...chunks: (string | Uint8Array)[]) => pipeline(Readable.from(chunks), file)
const isRoot = process.getuid?.() === 0

/** Resolves when a FIFO could not be opened, because it has no reader. */
function waitForFailedOpen(t: Test): Promise<void> {
  const { openDescriptor } = disk
  return new Promise((resolve) => {
    const open = (path: string, flags: number) =>
      openDescriptor(path, flags).catch((error: unknown) => {
        resolve()
        throw error
      })
    t.intercept(disk, 'openDescriptor', { value: open })
  })
}
const receipt = () => ({ rows: 1 })
const makeFifo = (path: string) => void execFileSync('mkfifo', [path])

t.test('a link stays, and the file behind it is replaced, with its receipt', async (t) => {
  const folder = t.testdir({ real: { a: 'old', 'a.json': '{}' }, links: {} })
  symlinkSync('../real/a', join(folder, 'links', 'b'))
  symlinkSync('b', join(folder, 'links', 'c'))
  symlinkSync('../real/new', join(folder, 'links', 'd'))
  await into(atomicFile(join(folder, 'links', 'c'), { receipt }), 'new')
  t.equal(readlinkSync(join(folder, 'links', 'c')), 'b')
  t.equal(readFileSync(join(folder, 'real', 'a'), 'utf8'), 'new')
  t.match(JSON.parse(readFileSync(join(folder, 'real', 'a.json'), 'utf8')), { rows: 1, bytes: 3 })
  await into(atomicFile(join(folder, 'links', 'd')), 'new')
  t.equal(readFileSync(join(folder, 'real', 'new'), 'utf8'), 'new', 'a link to a missing file too')
  t.strictSame(readdirSync(folder, { recursive: true }).length, 8)
})

t.test('links in a circle, and a folder behind a link, are ERR_FILE', async (t) => {
  const folder = t.testdir({ folder: {} })
  symlinkSync('b', join(folder, 'a'))
  symlinkSync('a', join(folder, 'b'))
  symlinkSync('folder', join(folder, 'c'))
  t.match(await catchRejection(into(atomicFile(join(folder, 'a')), 'x')), {
    code: 'ERR_FILE',
    message: /too many symbolic/,
  })
  t.match(await catchRejection(into(atomicFile(join(folder, 'c')), 'x')), {
    code: 'ERR_FILE',
    message: /c: it is a folder/,
  })
})

t.test('mode and owner of a replaced file stay, also those that the umask would remove', async (t) => {
  const folder = t.testdir({ a: 'old' })
  const path = join(folder, 'a')
  for (const mode of [0o600, 0o666, 0o4750]) {
    chmodSync(path, mode)
    if (isRoot) chownSync(path, 65534, 65534)
    chmodSync(path, mode)
    await into(atomicFile(path), 'new')
    const found = statSync(path)
    t.equal(found.mode & 0o7777, mode)
    if (isRoot) t.strictSame([found.uid, found.gid], [65534, 65534])
  }
})

t.test('a file system without modes and owners is not a failure', async (t) => {
  const folder = t.testdir({ a: 'old' })
  const real = disk.open
  t.intercept(disk, 'open', {
    value: async (...args: Parameters<typeof disk.open>) => {
      const handle = await real(...args)
      handle.chmod = handle.chown = () => Promise.reject(new Error('not here'))
      return handle
    },
  })
  await into(atomicFile(join(folder, 'a')), 'new')
  t.equal(readFileSync(join(folder, 'a'), 'utf8'), 'new')
})

t.test('a FIFO is written directly: no part folder, no receipt, no rename', async (t) => {
  const folder = t.testdir({})
  const path = join(folder, 'fifo')
  execFileSync('mkfifo', [path])
  const bytes = Buffer.alloc(300_000, 'x')
  const file = atomicFile(path, { receipt })
  const failedOpen = waitForFailedOpen(t)
  const written = into(file, bytes, 'end')
  await failedOpen
  const all = await text(createReadStream(path))
  await written
  t.equal(all.length, 300_003)
  t.ok(lstatSync(path).isFIFO())
  t.strictSame(readdirSync(folder), ['fifo'])
})

t.test(
  'the wait for the reader of a FIFO ends when the stream is destroyed; a reader that leaves is ERR_FILE',
  async (t) => {
    const path = join(t.testdir({}), 'fifo')
    execFileSync('mkfifo', [path])
    const file = atomicFile(path)
    const closed = new Promise((resolve) => file.once('close', resolve))
    const failedOpen = waitForFailedOpen(t)
    file.write('x')
    await failedOpen
    file.destroy()
    await closed
    const reader = openSync(path, 'r+')
    const other = atomicFile(path)
    await new Promise((resolve) => other.write('x', resolve))
    other.destroy()
    closeSync(reader)
    const source = new Readable({ read: () => undefined })
    const running = pipeline(source, atomicFile(path))
    const head = spawn('head', ['-c', '1', path])
    source.push('x')
    await once(head, 'close')
    source.push('y')
    source.push(null)
    t.match(await catchRejection(running), { code: 'ERR_FILE', message: /the reader closed it \(EPIPE\)/ })
  },
)

t.test('an error of opening a FIFO is ERR_FILE', { skip: isRoot ? 'root may open everything' : false }, async (t) => {
  const path = join(t.testdir({}), 'fifo')
  execFileSync('mkfifo', ['-m', '000', path])
  t.match(await catchRejection(into(atomicFile(path), 'x')), { code: 'ERR_FILE', message: /permission denied/ })
})

t.test('a FIFO that was removed before it is opened is ERR_FILE', async (t) => {
  const folder = t.testdir({ gone: {} })
  const path = join(folder, 'fifo')
  execFileSync('mkfifo', [path])
  const found = lstatSync(path)
  t.intercept(disk, 'lstat', { value: async () => found })
  t.match(await catchRejection(into(atomicFile(join(folder, 'other')), 'x')), { code: 'ERR_FILE', message: /ENOENT/ })
})

t.test('a socket is written to', async (t) => {
  const path = join(createShortFolder(t), 's')
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(path, resolve))
  const all = new Promise<string>((resolve) => server.once('connection', (socket) => void text(socket).then(resolve)))
  await into(atomicFile(path), 'to the ', 'socket')
  t.equal(await all, 'to the socket')
  t.ok(lstatSync(path).isSocket())
  await new Promise<void>((resolve) => server.close(() => resolve()))
})

t.test('a socket whose process was killed, and a socket with a path that is too long, are ERR_FILE', async (t) => {
  const folder = createShortFolder(t)
  const path = join(folder, 's')
  // a process that is killed leaves its socket behind
  const listen = 'require("net").createServer().listen(process.argv[1], () => process.kill(process.pid, "SIGKILL"))'
  spawnSync(process.execPath, ['-e', listen, path])
  t.match(await catchRejection(into(atomicFile(path), 'x')), {
    code: 'ERR_FILE',
    message: `atomicFile: cannot create ${path}: no process listens at this socket (ECONNREFUSED)`,
  })
  const deep = join(folder, 'd'.repeat(100))
  mkdirSync(deep)
  renameSync(path, join(deep, 's'))
  t.match(await catchRejection(into(atomicFile(join(deep, 's')), 'x')), {
    code: 'ERR_FILE',
    message: /: cannot create .*: the path of a socket has at most \d+ bytes, this one has \d+ \(ENAMETOOLONG\)$/,
  })
})

t.test('a character device is written directly, and its failure is ERR_FILE', async (t) => {
  await into(atomicFile('/dev/null', { receipt }), 'x')
  t.ok(statSync('/dev/null').isCharacterDevice())
  t.match(await catchRejection(into(atomicFile('/dev/full'), 'x')), {
    code: 'ERR_FILE',
    message: 'atomicFile: cannot write /dev/full: no space left on the disk (ENOSPC)',
  })
  t.strictSame(
    readdirSync('/dev').filter((name) => /^(null|full)\./.test(name)),
    [],
  )
})

t.test('an open file of a process keeps its bytes, and new ones are appended', async (t) => {
  const folder = t.testdir({ a: 'old ' })
  const fd = openSync(join(folder, 'a'), 'a')
  const link = join(folder, 'link')
  symlinkSync(`/proc/self/fd/${fd}`, link)
  await into(atomicFile(link), 'new')
  closeSync(fd)
  t.equal(readFileSync(join(folder, 'a'), 'utf8'), 'old new')
  t.strictSame(readdirSync(folder), ['a', 'link'])
})

t.test('a block device is ERR_FILE', async (t) => {
  const folder = t.testdir({ a: '' })
  const found = lstatSync(join(folder, 'a'))
  found.isFile = () => false
  t.intercept(disk, 'lstat', { value: async () => found })
  t.match(await catchRejection(into(atomicFile(join(folder, 'a')), 'x')), { message: /it is a block device/ })
})

t.test('a special file and a regular one make a group', async (t) => {
  const folder = t.testdir({ a: 'old' })
  const files = atomicFiles([{ path: '/dev/null' }, { path: join(folder, 'a'), receipt }]) as [Writable, Writable]
  await Promise.all(files.map((file) => into(file, 'new')))
  t.equal(readFileSync(join(folder, 'a'), 'utf8'), 'new')
})

t.test('a link, a FIFO or a file at the place of the part folder is removed and not followed', async (t) => {
  const folder = t.testdir({ victim: 'precious' })
  symlinkSync('victim', join(folder, 'a.part'))
  symlinkSync('victim', join(folder, 'a.json.part'))
  execFileSync('mkfifo', [join(folder, 'b.part')])
  writeFileSync(join(folder, 'c.part'), 'of version 0.1')
  for (const name of ['a', 'b', 'c']) await into(atomicFile(join(folder, name), { receipt }), 'new')
  t.equal(readFileSync(join(folder, 'victim'), 'utf8'), 'precious')
  t.strictSame(readdirSync(folder), ['a', 'a.json', 'a.json.part', 'b', 'b.json', 'c', 'c.json', 'victim'])
})

t.test('of files used one after the other the last moves all of them', async (t) => {
  const folder = t.testdir({ a: 'old a', b: 'old b' })
  const paths = ['a', 'b'].map((name) => join(folder, name))
  const [a, b] = atomicFiles(paths.map((path) => ({ path }))) as [Writable, Writable]
  await into(a, 'new a')
  t.equal(readFileSync(paths[0]!, 'utf8'), 'old a')
  await into(b, 'new b')
  t.strictSame(
    paths.map((path) => readFileSync(path, 'utf8')),
    ['new a', 'new b'],
  )
  t.strictSame(readdirSync(folder), ['a', 'b'])
})

t.test('the error of one file is the cause of the error of the others, and nothing is left', async (t) => {
  const folder = t.testdir({ a: 'old a' })
  const [a, b] = atomicFiles([{ path: join(folder, 'a') }, { path: join(folder, 'none', 'b') }]) as [Writable, Writable]
  await into(a, 'new a')
  const own = await catchRejection(into(b, 'new b'))
  t.match(own, { code: 'ERR_FILE', message: /none does not exist/ })
  t.strictSame(readdirSync(folder), ['a'])
  t.equal(readFileSync(join(folder, 'a'), 'utf8'), 'old a')
  const [c, d, e] = atomicFiles(['c', 'd', 'e'].map((name) => ({ path: join(folder, name) }))) as [
    Writable,
    Writable,
    Writable,
  ]
  const failure = new Error('the source failed')
  const waiting = catchRejection(into(c, 'c'))
  await new Promise((resolve) => d.write('d', resolve))
  e.on('error', () => undefined).destroy(failure)
  const error = await waiting
  t.match(error, { code: 'ERR_FILE', message: /no file was written, because .*e failed: the source failed$/ })
  t.equal(error.cause, failure)
  t.equal((await catchRejection(into(d, 'd'))).cause, failure)
  t.strictSame(readdirSync(folder), ['a'])
})

t.test('a file of a group cannot be started after another one has failed', async (t) => {
  const folder = t.testdir()
  const [a, b] = atomicFiles(['a', 'b'].map((name) => ({ path: join(folder, name) }))) as [Writable, Writable]
  const failure = new Error('the source failed')
  a.on('error', () => undefined).destroy(failure)
  await new Promise((resolve) => a.once('close', resolve))
  const error = await catchRejection(into(b, 'b'))
  t.match(error, { code: 'ERR_FILE', message: /no file was written, because .*a failed: the source failed$/ })
  t.equal(error.cause, failure)
  t.strictSame(readdirSync(folder), [])
})

t.test('a stream that is destroyed while files are moved ends as the moves do', async (t) => {
  for (const code of [undefined, 'EBUSY']) {
    const folder = t.testdir({ a: 'old' })
    const file = atomicFile(join(folder, 'a'))
    const real = disk.rename
    const rename = async (from: string, to: string) => {
      file.destroy(new Error('too late'))
      if (code !== undefined) throw Object.assign(new Error('no'), { code })
      return real(from, to)
    }
    t.intercept(disk, 'rename', { value: rename })
    const ended = await into(file, 'new').then(
      () => undefined,
      (error: unknown) => (error as Error).message,
    )
    t.match(ended ?? 'complete', code === undefined ? 'complete' : /the name is in use/)
    t.equal(readFileSync(join(folder, 'a'), 'utf8'), code === undefined ? 'new' : 'old')
    if (!file.closed) await once(file, 'close')
    t.strictSame(readdirSync(folder), ['a'])
  }
})

t.test('a file that cannot be restored is named, and its earlier version is kept', async (t) => {
  const folder = t.testdir({ a: 'old a', b: 'old b' })
  const real = disk.rename
  let placed = 0
  const rename = async (from: string, to: string) => {
    const isUndo = from.endsWith('old')
    if (isUndo || (dirname(to) === folder && ++placed === 2))
      throw Object.assign(new Error('no'), { code: isUndo ? 'EROFS' : 'EBUSY' })
    return real(from, to)
  }
  t.intercept(disk, 'rename', { value: rename })
  const files = atomicFiles(['a', 'b'].map((name) => ({ path: join(folder, name) }))) as [Writable, Writable]
  const results = await Promise.all(files.map((file) => catchRejection(into(file, 'new'))))
  for (const { message } of results) {
    t.match(message, /the name is in use, for example as a mount point \(EBUSY\)/)
    const [, name, kept] = /; .*([ab]) could not be restored, its earlier version is (.*\.part\/old)$/.exec(message)!
    t.equal(readFileSync(kept!, 'utf8'), `old ${name!}`)
    t.strictSame(readdirSync(folder), ['a', 'b', `${name!}.part`].sort())
  }
})

t.test('a folder or a FIFO that appears at the path during the export stays, and the export fails', async (t) => {
  const cases = [
    ['a', /cannot finish .*[ab]: .*\/a is a folder \(EISDIR\)$/, mkdirSync],
    ['a', /cannot finish .*[ab]: .*\/a is no regular file \(EINVAL\)$/, makeFifo],
    ['a.json', /cannot finish .*[ab]: .*\/a\.json is a folder \(EISDIR\)$/, mkdirSync],
    ['a.json', /cannot finish .*[ab]: .*\/a\.json is no regular file \(EINVAL\)$/, makeFifo],
  ] as const
  for (const [name, message, create] of cases) {
    const folder = t.testdir({ b: 'old b' })
    const [a, b] = atomicFiles([{ path: join(folder, 'a'), receipt }, join(folder, 'b')]) as [Writable, Writable]
    await new Promise((resolve) => a.write('new', resolve))
    create(join(folder, name))
    const results = await Promise.all([a, b].map((file) => catchRejection(into(file, 'new'))))
    for (const error of results) t.match(error, { code: 'ERR_FILE', message })
    t.notOk(lstatSync(join(folder, name)).isFile())
    t.equal(readFileSync(join(folder, 'b'), 'utf8'), 'old b')
    t.strictSame(readdirSync(folder), [name, 'b'])
  }
})

t.test('a folder that appears while files are moved stays, and the earlier version is kept', async (t) => {
  const folder = t.testdir({ a: 'old a' })
  const { rename } = disk
  // this file system has no hard links
  t.intercept(disk, 'link', { value: () => Promise.reject(new Error('no links')) })
  const renameAndCreate = async (from: string, to: string) => {
    await rename(from, to)
    mkdirSync(from)
  }
  t.intercept(disk, 'rename', { value: renameAndCreate })
  const { message } = await catchRejection(into(atomicFile(join(folder, 'a')), 'new'))
  t.match(message, /a: .*\/a is a folder \(EISDIR\); .*a could not be restored, its earlier version is .*a\.part\/old$/)
  t.equal(readFileSync(join(folder, 'a.part', 'old'), 'utf8'), 'old a')
  t.ok(lstatSync(join(folder, 'a')).isDirectory())
})

t.test('a folder at the path of the receipt is ERR_FILE at the start, a FIFO in its other place stays', async (t) => {
  const folder = t.testdir({ _receipts: { a: '', 'a.json': {} }, b: 'old' })
  const options = { receipt, receiptPlace: 'folder' } as const
  t.match(await catchRejection(into(atomicFile(join(folder, 'a'), options), 'new')), {
    code: 'ERR_FILE',
    message: /cannot create .*a: .*_receipts\/a\.json is a folder \(EISDIR\)$/,
  })
  makeFifo(join(folder, 'b.json'))
  await into(atomicFile(join(folder, 'b'), options), 'new')
  t.ok(lstatSync(join(folder, 'b.json')).isFIFO())
  t.strictSame(readdirSync(folder), ['_receipts', 'b', 'b.json'])
})

t.test('a receipt has the place of its option, and the older receipt in the other place is removed', async (t) => {
  const folder = t.testdir({ 'b.json': '{"mine":1}', 'c.json': 'no JSON' })
  const path = join(folder, 'a')
  await into(atomicFile(path, { receipt }), 'one')
  await into(atomicFile(path, { receipt, receiptPlace: 'folder' }), 'two')
  t.strictSame(readdirSync(folder), ['_receipts', 'a', 'b.json', 'c.json'])
  t.match(JSON.parse(readFileSync(join(folder, '_receipts', 'a.json'), 'utf8')), { rows: 1, bytes: 3 })
  await into(atomicFile(path, { receipt }), 'three')
  t.strictSame(readdirSync(join(folder, '_receipts')), [])
  for (const name of ['b', 'c']) await into(atomicFile(join(folder, name), { receipt, receiptPlace: 'folder' }), 'x')
  t.equal(readFileSync(join(folder, 'b.json'), 'utf8'), '{"mine":1}', 'a JSON file of another program stays')
})
