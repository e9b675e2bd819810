// Two writers of one path in two processes, and the files that a killed process leaves.
import {
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { Readable, type Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import t, { type Test } from 'tap'
import { atomicFile } from '../../lib/files/atomic-file.js'
import { createOwner, isAlive } from '../../lib/files/local/owner.js'
import { PartFolder, timesMs } from '../../lib/files/local/part-folder.js'
import { disk } from '../../lib/files/local/disk.js'
import { catchRejection } from '../support/catch-error.js'
import { drainEventLoopTurns } from '../support/machine/event-loop-turns.js'
import { runChild } from '../support/children/run-child.js'

const into = (file: Writable, ...chunks: (string | Uint8Array)[]) => pipeline(Readable.from(chunks), file)
const isRoot = process.getuid?.() === 0

function useShortTimes(t: Test): void {
  for (const [name, value] of Object.entries({ heartbeat: 20, watch: 300, ownerless: 100, takeover: 100, poll: 20 }))
    t.intercept(timesMs, name as keyof typeof timesMs, { value })
}

/** Calls `then` after each check of this file by lstat, with the number of the check. */
function afterEachCheck(t: Test, path: string, then: (check: number) => void): void {
  const { lstat } = disk
  let checks = 0
  const check = async (file: string) => {
    const found = await lstat(file)
    if (file === path) then(++checks)
    return found
  }
  t.intercept(disk, 'lstat', { value: check })
}

/** Creates a folder `a.part` as another writer leaves it. */
async function createAbandonedFolder(t: Test, change: object, files: Record<string, string> = { data: 'half' }) {
  const folder = t.testdir({ 'a.part': files })
  const owner = { ...(await createOwner()), ...change }
  writeFileSync(join(folder, 'a.part', 'owner'), JSON.stringify(owner))
  return { folder, path: join(folder, 'a') }
}

t.test('a writer in another process is not disturbed; when it was killed its part folder is taken over', async (t) => {
  const folder = t.testdir({ a: 'old' })
  const path = join(folder, 'a')
  const child = runChild('writing-child.ts', [path])
  await child.waitForText('written')
  t.match(await catchRejection(into(atomicFile(path), 'x')), {
    code: 'ERR_FILE',
    message: new RegExp(`another export writes this file \\(process ${child.process.pid} on `),
  })
  t.equal(readFileSync(join(folder, 'a.part', 'data'), 'utf8'), 'of the child')
  const second = runChild('writing-child.ts', [path])
  t.match(await second.ended, /another export writes this file/)
  child.process.kill('SIGKILL')
  await child.ended
  t.ok(existsSync(join(folder, 'a.part')))
  await into(atomicFile(path), 'new')
  t.equal(readFileSync(path, 'utf8'), 'new')
  t.strictSame(readdirSync(folder), ['a'])
})

t.test('a reused process id is not the writer', async (t) => {
  const { folder, path } = await createAbandonedFolder(t, { started: '1' })
  await into(atomicFile(path), 'new')
  t.strictSame(readdirSync(folder), ['a'])
  t.equal(await isAlive({ ...(await createOwner()), pid: 1, started: 'never' }), false)
  t.equal(await isAlive({ ...(await createOwner()), pid: 2 ** 30 }), false)
  t.equal(await isAlive({ ...(await createOwner()), machine: 'other' }), undefined)
  t.equal(await isAlive(await createOwner()), true)
})

t.test('a writer on another machine is known by its heartbeat only', async (t) => {
  useShortTimes(t)
  const { folder, path } = await createAbandonedFolder(t, { machine: 'other', host: 'other', pid: 7 })
  const owner = join(folder, 'a.part', 'owner')
  let isBeating = true
  afterEachCheck(t, owner, (check) => {
    if (isBeating) utimesSync(owner, 1_000_000 + check, 1_000_000 + check)
  })
  t.match(await catchRejection(into(atomicFile(path), 'x')), { message: /another export writes.*process 7 on other/ })
  isBeating = false
  await into(atomicFile(path), 'new')
  t.equal(readFileSync(path, 'utf8'), 'new')
  t.strictSame(readdirSync(folder), ['a'])
})

t.test('every writer has a heartbeat, and continues if the heartbeat fails', async (t) => {
  const path = join(t.testdir(), 'a')
  const touched: unknown[] = []
  const utimes = async (file: string) => {
    touched.push(file)
    throw new Error('no')
  }
  t.intercept(disk, 'utimes', { value: utimes })
  const beats: [beat: () => void, everyMs: number][] = []
  const timer = { unref: () => timer }
  const repeat = (beat: () => void, everyMs: number) => {
    beats.push([beat, everyMs])
    return timer
  }
  t.intercept(globalThis, 'setInterval', { value: repeat })
  const file = atomicFile(path)
  await new Promise((resolve) => file.write('x', resolve))
  t.strictSame(
    beats.map(([, everyMs]) => everyMs),
    [timesMs.heartbeat],
  )
  for (let at = 0; at < 2; at++) beats[0]![0]()
  file.end()
  await new Promise((resolve) => file.once('close', resolve))
  t.strictSame(touched, Array(2).fill(join(`${path}.part`, 'owner')))
})

t.test('waiting for a heartbeat ends when the stream is destroyed', async (t) => {
  const { path } = await createAbandonedFolder(t, { machine: 'other' })
  const file = atomicFile(path)
  const checked = new Promise<void>((resolve) => afterEachCheck(t, `${path}.part/owner`, () => resolve()))
  file.write('x')
  await checked
  await drainEventLoopTurns()
  file.destroy()
  await new Promise((resolve) => file.once('close', resolve))
  t.ok(existsSync(`${path}.part`))
})

t.test('a folder without an owner file is from a killed process, or from one that starts', async (t) => {
  useShortTimes(t)
  for (const owner of [undefined, 'no JSON', '{"id":"../x"}']) {
    const folder = t.testdir({ 'a.part': owner === undefined ? {} : { owner, data: 'half' } })
    await into(atomicFile(join(folder, 'a')), 'new')
    t.strictSame(readdirSync(folder), ['a'])
  }
  const folder = t.testdir({ 'b.part': {} })
  // the second check is the first one of the watch
  afterEachCheck(t, join(folder, 'b.part'), (check) => {
    if (check === 2) writeFileSync(join(folder, 'b.part', 'owner'), '')
  })
  t.match(await catchRejection(into(atomicFile(join(folder, 'b')), 'x')), {
    message: /another export writes this file; if/,
  })
})

t.test('many writers find an abandoned folder at once: one takes over, the others fail', async (t) => {
  for (let round = 0; round < 10; round++) {
    const { folder, path } = await createAbandonedFolder(t, { started: '1' })
    const results = await Promise.allSettled(Array.from({ length: 8 }, (_, at) => into(atomicFile(path), `${at}`)))
    t.ok(results.some(({ status }) => status === 'fulfilled'))
    for (const result of results)
      if (result.status === 'rejected') t.match(result.reason, { message: /another export writes this file|EEXIST/ })
    t.match(readFileSync(path, 'utf8'), /^\d$/)
    t.strictSame(readdirSync(folder), ['a'])
  }
})

t.test('a part folder that is removed between two checks is created again', async (t) => {
  const { folder, path } = await createAbandonedFolder(t, { started: '1' })
  const real = disk.lstat
  const lstat = async (file: string) => {
    if (file === `${path}.part`) rmSync(file, { recursive: true, force: true })
    return real(file)
  }
  const unlink = () => Promise.reject(new Error('nothing is there to remove'))
  t.intercept(disk, 'lstat', { value: lstat })
  t.intercept(disk, 'unlink', { value: unlink })
  await into(atomicFile(path), 'new')
  t.strictSame(readdirSync(folder), ['a'])
})

t.test('a takeover file of a process that was killed while it took over does not last', async (t) => {
  useShortTimes(t)
  const { id } = await createOwner()
  const { folder, path } = await createAbandonedFolder(t, { id, started: '1' })
  writeFileSync(join(folder, `a.part.${id}`), '')
  await into(atomicFile(path), 'new')
  t.strictSame(readdirSync(folder), ['a'])
})

t.test('a takeover file that cannot be created is ERR_FILE', async (t) => {
  const { path } = await createAbandonedFolder(t, { started: '1' })
  const real = disk.open
  const open = (file: string, ...rest: [string]) =>
    file.startsWith(`${path}.part.`)
      ? Promise.reject(Object.assign(new Error('no'), { code: 'EROFS' }))
      : real(file, ...rest)
  t.intercept(disk, 'open', { value: open })
  t.match(await catchRejection(into(atomicFile(path), 'x')), { code: 'ERR_FILE', message: /read-only \(EROFS\)/ })
})

t.test('a part folder of another writer, created between two checks, stays', async (t) => {
  const { folder, path } = await createAbandonedFolder(t, { started: '1' })
  const real = disk.open
  const open = async (file: string, ...rest: [string]) => {
    // another process takes over while this process creates its takeover file
    if (file.startsWith(`${path}.part.`))
      writeFileSync(join(folder, 'a.part', 'owner'), JSON.stringify(await createOwner()))
    return real(file, ...rest)
  }
  t.intercept(disk, 'open', { value: open })
  t.match(await catchRejection(into(atomicFile(path), 'x')), { message: /another export writes this file/ })
  t.strictSame(readdirSync(folder), ['a.part'])
})

t.test('an earlier version that a killed process moved to the backup is restored', async (t) => {
  const { folder, path } = await createAbandonedFolder(t, { started: '1' }, { data: 'half', old: 'the old version' })
  const file = atomicFile(path)
  await new Promise((resolve) => file.write('x', resolve))
  t.equal(readFileSync(path, 'utf8'), 'the old version')
  file.destroy()
  await new Promise((resolve) => file.once('close', resolve))
  t.strictSame(readdirSync(folder), ['a'])
})

t.test('an abandoned folder that cannot be removed is ERR_FILE', async (t) => {
  const { folder, path } = await createAbandonedFolder(t, { started: '1' })
  const { unlinkSync } = disk
  const unlink = (file: string) => {
    if (file === join(folder, 'a.part', 'data')) throw Object.assign(new Error('no'), { code: 'EACCES' })
    unlinkSync(file)
  }
  t.intercept(disk, 'unlinkSync', { value: unlink })
  const reason = `${path}.part of an earlier export cannot be removed: permission denied (EACCES); remove it first`
  const message = `atomicFile: cannot create ${path}: ${reason}`
  t.match(await catchRejection(into(atomicFile(path), 'x')), { code: 'ERR_FILE', message })
  t.strictSame(readdirSync(folder), ['a.part'], 'no takeover file is left')
  t.strictSame(readdirSync(join(folder, 'a.part')), ['data', 'owner'])
})

t.test('a link is a backup of an abandoned folder, and is removed', async (t) => {
  const { folder, path } = await createAbandonedFolder(t, { started: '1' })
  symlinkSync('elsewhere', join(folder, 'a.part', 'old-receipt'))
  await into(atomicFile(path), 'new')
  t.strictSame(readdirSync(folder), ['a'])
})

t.test('a folder of another user is left alone', { skip: isRoot ? false : 'needs root' }, async (t) => {
  const { folder, path } = await createAbandonedFolder(t, { started: '1' })
  chownSync(join(folder, 'a.part'), 65534, 65534)
  t.match(await catchRejection(into(atomicFile(path), 'x')), { code: 'ERR_FILE', message: /belongs to another user/ })
  chownSync(join(folder, 'a.part'), 0, 0)
})

t.test('a writer whose folder was taken over does not move its file', async (t) => {
  const folder = t.testdir({ a: 'old' })
  const path = join(folder, 'a')
  const file = atomicFile(path)
  await new Promise((resolve) => file.write('x', resolve))
  writeFileSync(join(folder, 'a.part', 'owner'), JSON.stringify(await createOwner()))
  const failed = new Promise((resolve) => file.once('error', resolve))
  file.end()
  t.match(await failed, { code: 'ERR_FILE', message: /another export took over the file/ })
  t.equal(readFileSync(path, 'utf8'), 'old')
  t.strictSame(readdirSync(folder), ['a', 'a.part'])
})

t.test('creating a folder ends when the stream is destroyed', async (t) => {
  const folder = t.testdir({ 'a.part': {} })
  mkdirSync(join(folder, 'b.part'))
  const signal = AbortSignal.abort(new Error('not wanted'))
  t.match(await catchRejection(PartFolder.create(join(folder, 'a'), 'file', signal)), { message: 'not wanted' })
})
