import { existsSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import * as fs from 'node:fs/promises'
import { basename, join } from 'node:path'
import { PassThrough, Readable, type Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { pathToFileURL } from 'node:url'
import t from 'tap'
import { atomicFile, atomicFiles } from '../../lib/files/atomic-file.js'
import { disk } from '../../lib/files/local/disk.js'
import { toCsv } from '../../lib/index.js'
import { Random } from '../../lib/testing/random.js'
import { catchRejection, catchError } from '../support/catch-error.js'
import { drainEventLoopTurns } from '../support/machine/event-loop-turns.js'
import { holdDiskCall } from '../support/machine/hold-disk-call.js'
import { seed } from '../support/random/property.js'
import { runChild } from '../support/children/run-child.js'
import { mountSmallDisk } from '../support/machine/small-disk.js'

const into = (file: Writable, ...chunks: (string | Uint8Array)[]) => pipeline(Readable.from(chunks), file)

function* failing(...chunks: string[]) {
  yield* chunks
  throw new Error('the source failed')
}

const closed = (stream: Writable) => new Promise((resolve) => stream.once('close', resolve))

t.test('the bytes are at the path, and no part folder beside it', async (t) => {
  const folder = t.testdir()
  const path = join(folder, 'a.csv')
  await into(atomicFile(path), 'a,é\n', Buffer.from('1,2\n'), new Uint8Array([0xff, 0x00]))
  t.strictSame(readFileSync(path), Buffer.concat([Buffer.from('a,é\n1,2\n'), Buffer.from([0xff, 0x00])]))
  t.strictSame(readdirSync(folder), ['a.csv'])
})

t.test('no bytes are an empty file', async (t) => {
  const path = join(t.testdir(), 'a')
  await into(atomicFile(path))
  t.equal(readFileSync(path, 'utf8'), '')
})

t.test('until the file is finished, only the part folder is there', async (t) => {
  const folder = t.testdir({ a: 'old' })
  const path = join(folder, 'a')
  const file = atomicFile(path)
  await new Promise((resolve) => file.write('new', resolve))
  t.equal(readFileSync(path, 'utf8'), 'old')
  t.strictSame(readdirSync(folder), ['a', 'a.part'])
  t.equal(readFileSync(join(`${path}.part`, 'data'), 'utf8'), 'new')
  t.equal(statSync(`${path}.part`).mode & 0o777, 0o700, 'others cannot read unfinished data')
  file.end()
  await new Promise((resolve) => file.once('finish', resolve))
  t.equal(readFileSync(path, 'utf8'), 'new', 'the file is in its place when finish is emitted')
  t.strictSame(readdirSync(folder), ['a'])
})

t.test('when the source fails the old file is as it was and the part folder is gone', async (t) => {
  const folder = t.testdir({ a: 'old' })
  const file = atomicFile(join(folder, 'a'))
  const gone = closed(file)
  t.match(await catchRejection(pipeline(Readable.from(failing('new', 'er')), file)), { message: 'the source failed' })
  await gone
  t.equal(readFileSync(join(folder, 'a'), 'utf8'), 'old')
  t.strictSame(readdirSync(folder), ['a'])
})

t.test('when the source fails there is no file where none was', async (t) => {
  const folder = t.testdir()
  const file = atomicFile(join(folder, 'a'))
  const gone = closed(file)
  await catchRejection(pipeline(Readable.from(failing('x')), file))
  await gone
  t.strictSame(readdirSync(folder), [])
})

t.test(
  'destroyed at any moment the old file is unchanged or the new one is complete, and no part folder is left',
  async (t) => {
    const bytes = Buffer.alloc(300_000, 'x')
    for (let turns = 0; turns < 60; turns++) {
      const folder = t.testdir({ a: 'old' })
      const file = atomicFile(join(folder, 'a'))
      file.on('error', () => undefined)
      const finished: boolean[] = []
      file.on('finish', () => finished.push(true))
      file.write(bytes)
      file.end(bytes)
      for (let turn = 0; turn < turns; turn++) await new Promise(setImmediate)
      file.destroy()
      if (!file.closed) await closed(file)
      const { size } = statSync(join(folder, 'a'))
      t.ok(size === 3 || size === 600_000, `${size} bytes`)
      if (finished.length > 0) t.equal(size, 600_000)
      t.strictSame(readdirSync(folder), ['a'])
    }
  },
)

t.test('a stream destroyed while it is forced to disk does not replace the file', async (t) => {
  const folder = t.testdir({ a: 'old' })
  let release!: () => void
  const slowSync = new Promise<void>((resolve) => (release = resolve))
  let begin!: () => void
  const begun = new Promise<void>((resolve) => (begin = resolve))
  const open = async (...args: Parameters<typeof fs.open>) => {
    const handle = await fs.open(...args)
    handle.sync = () => {
      begin()
      return slowSync
    }
    return handle
  }
  t.intercept(disk, 'open', { value: open })
  const file = atomicFile(join(folder, 'a'))
  file.end('new')
  await begun
  file.destroy()
  t.notOk(existsSync(join(folder, 'a.part')), 'the part folder is gone at once')
  release()
  await closed(file)
  t.equal(readFileSync(join(folder, 'a'), 'utf8'), 'old')
  t.strictSame(readdirSync(folder), ['a'])
})

t.test('an aborted pipeline leaves the old file', async (t) => {
  const folder = t.testdir({ a: 'old' })
  const abort = new AbortController()
  const file = atomicFile(join(folder, 'a'))
  const gone = closed(file)
  const source = new PassThrough()
  const running = pipeline(source, file, { signal: abort.signal })
  await new Promise((resolve) => source.write('new', resolve))
  await drainEventLoopTurns()
  abort.abort()
  t.equal((await catchRejection(running)).name, 'AbortError')
  await gone
  t.equal(readFileSync(join(folder, 'a'), 'utf8'), 'old')
  t.strictSame(readdirSync(folder), ['a'])
})

t.test('a file at the path of the part folder is replaced', async (t) => {
  const folder = t.testdir({ 'a.part': 'a long rest of a run that was killed' })
  await into(atomicFile(join(folder, 'a')), 'new')
  t.equal(readFileSync(join(folder, 'a'), 'utf8'), 'new')
  t.strictSame(readdirSync(folder), ['a'])
})

t.test('the file is forced to disk, then moved to its place, then the folder is forced to disk', async (t) => {
  const folder = t.testdir()
  const steps: string[] = []
  const open = async (path: string, flags: string) => {
    const handle = await fs.open(path, flags)
    const name = path === folder ? 'folder' : basename(path)
    const [sync, write] = [handle.sync.bind(handle), handle.write.bind(handle)]
    handle.sync = () => {
      steps.push(`sync ${name}`)
      return sync()
    }
    handle.write = ((...args: Parameters<typeof write>) => {
      steps.push(`write ${name}`)
      return write(...args)
    }) as typeof handle.write
    return handle
  }
  const rename = (from: string, to: string) => {
    steps.push('rename')
    return fs.rename(from, to)
  }
  t.intercept(disk, 'open', { value: open })
  t.intercept(disk, 'rename', { value: rename })
  await into(atomicFile(join(folder, 'a')), 'x')
  t.strictSame(steps, ['write data', 'sync data', 'rename', 'sync folder'])
})

t.test('a folder that cannot be forced to disk is not a failure', async (t) => {
  const folder = t.testdir()
  const open = async (path: string, flags: string) => {
    if (path === folder) throw Object.assign(new Error('not here'), { code: 'EISDIR' })
    return fs.open(path, flags)
  }
  t.intercept(disk, 'open', { value: open })
  await into(atomicFile(join(folder, 'a')), 'x')
  t.equal(readFileSync(join(folder, 'a'), 'utf8'), 'x')
})

t.test('short writes are completed', async (t) => {
  const folder = t.testdir()
  const open = async (path: string, flags: string) => {
    const handle = await fs.open(path, flags)
    const write = handle.write.bind(handle)
    handle.write = ((bytes: Uint8Array, at: number) =>
      write(bytes, at, Math.min(3, bytes.length - at))) as typeof handle.write
    return handle
  }
  t.intercept(disk, 'open', { value: open })
  await into(atomicFile(join(folder, 'a')), 'one long line\n', 'two')
  t.equal(readFileSync(join(folder, 'a'), 'utf8'), 'one long line\ntwo')
})

t.test('a missing folder is ERR_FILE with the path and the cause', async (t) => {
  const folder = join(t.testdir(), 'none')
  const path = join(folder, 'a')
  const error = await catchRejection(into(atomicFile(path), 'x'))
  t.match(error, {
    name: 'ExportError',
    code: 'ERR_FILE',
    message: `atomicFile: cannot create ${path}: the folder ${folder} does not exist`,
  })
  t.ok(error.cause instanceof Error)
})

t.test('a path that is a folder is ERR_FILE, and the part folder is gone', async (t) => {
  const folder = t.testdir({ a: { file: 'kept' } })
  const file = atomicFile(join(folder, 'a'))
  const gone = closed(file)
  t.match(await catchRejection(into(file, 'x')), {
    code: 'ERR_FILE',
    message: /^atomicFile: cannot create .*a: it is a folder \(EISDIR\)$/,
  })
  await gone
  t.strictSame(readdirSync(folder), ['a'])
  t.equal(readFileSync(join(folder, 'a', 'file'), 'utf8'), 'kept')
})

t.test('a path that ends like that of a folder is ERR_FILE, also if there is no such folder', async (t) => {
  const folder = t.testdir({})
  for (const path of [join(folder, 'q/'), pathToFileURL(join(folder, 'q/'))])
    t.match(await catchRejection(into(atomicFile(path), 'x')), {
      code: 'ERR_FILE',
      message: /^atomicFile: cannot create .*q\/: a path that ends with \/ is that of a folder \(EISDIR\)$/,
    })
  t.strictSame(readdirSync(folder), [])
})

t.test('a part folder that is removed while the file is written is ERR_FILE', async (t) => {
  const path = join(t.testdir({ a: 'old' }), 'a')
  const file = atomicFile(path)
  await new Promise((resolve) => file.write('x', resolve))
  await fs.rm(`${path}.part`, { recursive: true })
  const failed = new Promise((resolve) => file.once('error', resolve))
  file.end()
  t.match(await failed, { code: 'ERR_FILE', message: /the folder .*a\.part was removed while this export used it/ })
  t.equal(readFileSync(path, 'utf8'), 'old')
})

t.test('a folder of another program at the path of the part folder is ERR_FILE, and stays', async (t) => {
  for (const content of [{ file: 'kept' }, { old: { file: 'kept' } }, { data: {} }, { owner: {} }]) {
    const folder = t.testdir({ 'a.part': content })
    const before = readdirSync(folder, { recursive: true })
    t.match(await catchRejection(into(atomicFile(join(folder, 'a')), 'x')), {
      code: 'ERR_FILE',
      message: /a\.part is not the part folder of an export; remove it first$/,
    })
    t.strictSame(readdirSync(folder, { recursive: true }), before)
  }
})

t.test('a full disk is ERR_FILE, the old file as it was and the part folder gone', async (t) => {
  const folder = mountSmallDisk(t)
  if (folder === undefined) {
    t.comment('no file system of our own can be mounted')
    return
  }
  writeFileSync(join(folder, 'a'), 'old')
  const file = atomicFile(join(folder, 'a'))
  const gone = closed(file)
  t.match(await catchRejection(into(file, ...Array.from({ length: 200 }, () => Buffer.alloc(1024)))), {
    code: 'ERR_FILE',
    message: `atomicFile: cannot write ${join(folder, 'a')}: no space left on the disk (ENOSPC)`,
  })
  await gone
  t.equal(readFileSync(join(folder, 'a'), 'utf8'), 'old')
  t.strictSame(readdirSync(folder), ['a'])
})

t.test('of two writers at the same time the second fails at its start, and the first is not affected', async (t) => {
  const folder = t.testdir({ a: 'old', b: 'of a link' })
  symlinkSync('a', join(folder, 'link'))
  const path = join(folder, 'a')
  const first = atomicFile(path)
  await new Promise((resolve) => first.write('first ', resolve))
  for (const name of ['a', 'link']) {
    const second = atomicFile(join(folder, name))
    const gone = closed(second)
    const message = new RegExp(
      `^atomicFile: cannot create .*${name}: another export writes this file \\(process ${process.pid} on .*\\); if that export no longer runs, remove .*a\\.part$`,
    )
    const failed = new Promise((resolve) => second.once('error', resolve))
    new PassThrough().pipe(second)
    t.match(await failed, { code: 'ERR_FILE', message })
    await gone
  }
  first.end('more')
  await closed(first)
  t.equal(readFileSync(path, 'utf8'), 'first more')
  t.strictSame(readdirSync(folder), ['a', 'b', 'link'])
})

t.test('an export to the same path may start as soon as the pipeline of a failed one has rejected', async (t) => {
  const path = join(t.testdir({ a: 'old' }), 'a')
  for (let round = 0; round < 20; round++) {
    const failed = pipeline(Readable.from([{ a: 1 }, { a: Symbol('x') }]), toCsv(), atomicFile(path))
    t.match(await catchRejection(failed), { code: 'ERR_ENCODE' })
    await pipeline(Readable.from([{ a: round }]), toCsv(), atomicFile(path))
    t.equal(readFileSync(path, 'utf8'), `a\n${round}\n`)
  }
  t.strictSame(readdirSync(join(path, '..')), ['a'])
})

t.test('a writer waits until a writer that was destroyed in open() has removed its part folder', async (t) => {
  const path = join(t.testdir({ a: 'old' }), 'a')
  const { reached, proceed } = holdDiskCall(t, 'open')
  const first = atomicFile(path)
  first.write('first')
  await reached
  const second = atomicFile(path)
  second.write('second')
  const bothClosed = Promise.all([closed(first.destroy()), closed(second.destroy())])
  const third = into(atomicFile(path), 'third')
  await drainEventLoopTurns()
  proceed()
  await third
  await bothClosed
  t.equal(readFileSync(path, 'utf8'), 'third')
  t.strictSame(readdirSync(join(path, '..')), ['a'])
})

t.test(
  'no part folder is left when pipeline() rejects, at whatever step of the opening the source fails',
  async (t) => {
    const folder = t.testdir({ a: 'old' })
    for (const call of ['realpath', 'lstat', 'open'] as const) {
      const { reached, proceed } = holdDiskCall(t, call)
      const source = new Readable({ read: () => undefined })
      const file = atomicFile(join(folder, 'a'))
      const rejected = catchRejection(pipeline(source, file))
      await reached
      source.destroy(new Error('the source failed'))
      t.match(await rejected, { message: 'the source failed' })
      t.strictSame(readdirSync(folder), ['a'], `in ${call}()`)
      proceed()
      await closed(file)
      t.strictSame(readdirSync(folder), ['a'], `after ${call}()`)
    }
  },
)

t.test('a file that is created while its part folder is being removed is removed too', async (t) => {
  const folder = t.testdir({})
  const file = atomicFile(join(folder, 'a'))
  await new Promise((resolve) => file.write('x', resolve))
  const { rmdirSync } = disk
  let isFirst = true
  const rmdirAfterOpen = (path: string) => {
    if (isFirst) writeFileSync(join(path, 'old'), '')
    isFirst = false
    rmdirSync(path)
  }
  t.intercept(disk, 'rmdirSync', { value: rmdirAfterOpen })
  await closed(file.destroy())
  t.strictSame(readdirSync(folder), [])
})

t.test('many writers to one path at the same time leave one complete file', async (t) => {
  const folder = t.testdir()
  const path = join(folder, 'a')
  const results = await Promise.allSettled(
    Array.from({ length: 20 }, (_, at) => into(atomicFile(path), ...Array.from({ length: 50 }, () => `${at}\n`))),
  )
  t.ok(results.some(({ status }) => status === 'fulfilled'))
  for (const result of results) if (result.status === 'rejected') t.match(result.reason, { code: 'ERR_FILE' })
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n')
  t.equal(lines.length, 50)
  t.equal(new Set(lines).size, 1)
  t.strictSame(readdirSync(folder), ['a'])
})

t.test('files of different paths do not disturb each other', async (t) => {
  const folder = t.testdir()
  await Promise.all(Array.from({ length: 20 }, (_, at) => into(atomicFile(join(folder, String(at))), String(at))))
  t.strictSame(
    readdirSync(folder).sort((a, b) => Number(a) - Number(b)),
    Array.from({ length: 20 }, (_, at) => String(at)),
  )
})

t.test('a path may be a file URL, or relative to where the process was at the call', async (t) => {
  const folder = t.testdir({ elsewhere: {} })
  await into(atomicFile(pathToFileURL(join(folder, 'a b#?.csv'))), 'url')
  t.equal(readFileSync(join(folder, 'a b#?.csv'), 'utf8'), 'url')
  const before = process.cwd()
  t.teardown(() => process.chdir(before))
  process.chdir(folder)
  const file = atomicFile('relative')
  process.chdir('elsewhere')
  await into(file, 'x')
  t.equal(readFileSync(join(folder, 'relative'), 'utf8'), 'x')
})

t.test('a bad path is an OptionError at the call', async (t) => {
  const cases = [
    '',
    'a\0b',
    7,
    null,
    undefined,
    {},
    new URL('https://example.com/a'),
    new URL('file://host/a'),
    new URL('file:///a%2Fb'),
    new URL('file:///a%00b'),
  ]
  for (const path of cases) {
    const error = catchError(() => atomicFile(path as never))
    t.match(error, {
      name: 'OptionError',
      code: 'ERR_OPTION',
      message: /^atomicFile: path: expected a path or a file URL, got /,
    })
    t.ok(error instanceof TypeError)
  }
})

t.test('files of a group are given by paths or by objects; everything else is an OptionError', async (t) => {
  const folder = t.testdir({})
  const paths = ['a', 'b', 'c'].map((name) => join(folder, name))
  const receipt = () => ({})
  const files = atomicFiles([paths[0]!, pathToFileURL(paths[1]!), { path: paths[2]! }])
  await Promise.all(files.map((file, index) => into(file, String(index))))
  t.strictSame(
    paths.map((path) => readFileSync(path, 'utf8')),
    ['0', '1', '2'],
  )
  const cases: [unknown, RegExp][] = [
    [undefined, /^atomicFiles: files: expected an array of paths or objects, got nothing$/],
    ['a.csv', /^atomicFiles: files: expected an array of paths or objects, got "a\.csv"$/],
    [[null], /^atomicFiles: options: expected an object, got null$/],
    [[7], /^atomicFiles: options: expected an object, got 7$/],
    [[''], /^atomicFiles: path: expected a path or a file URL, got ""$/],
    [[paths[0], join(folder, 'x', '..', 'a')], /: expected different paths for files, .*, got .*\/a twice$/],
    [[{ path: paths[0], receipt }, `${paths[0]!}.json`], /^atomicFiles: files: expected different .*\/a\.json twice$/],
    [[`${paths[0]!}.part`, paths[0]], /^atomicFiles: files: expected different paths .*\/a\.part twice$/],
    [[paths[0], join(folder, 'link')], /^atomicFiles: files: expected different paths .*\/a twice$/],
  ]
  symlinkSync('a', join(folder, 'link'))
  atomicFiles([paths[0]!, `${paths[0]!}.json`])
  for (const [argument, message] of cases)
    t.match(
      catchError(() => atomicFiles(argument as never)),
      { code: 'ERR_OPTION', message },
    )
})

t.test('a process killed at any moment never leaves a partial file at the path', async (t) => {
  const folder = t.testdir()
  await Promise.all(
    Array.from({ length: 6 }, async (_, at) => {
      const path = join(folder, `${at}.txt`)
      const child = runChild('atomic-child.ts', [path])
      await child.waitForText('first')
      const random = new Random()
      random.startAt(seed, at)
      await drainEventLoopTurns(random.below(2000))
      child.process.kill('SIGKILL')
      await child.ended
      const lines = readFileSync(path, 'utf8').split('\n')
      t.equal(lines.length, 2001)
      t.equal(lines.at(-1), 'whole')
      t.equal(new Set(lines.slice(0, -1)).size, 1)
      await into(atomicFile(path), 'next')
      t.equal(readFileSync(path, 'utf8'), 'next')
      t.notOk(existsSync(`${path}.part`))
    }),
  )
})
