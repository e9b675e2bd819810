import { once } from 'node:events'
import { readdirSync, readlinkSync } from 'node:fs'
import * as fs from 'node:fs/promises'
import { Readable, Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import t, { type Test } from 'tap'
import type { CsvOptions } from '../../lib/encode/csv/dialect.js'
import { serializeRows, Spool } from '../../lib/encode/spool/spool.js'
import { toCsv } from '../../lib/encode/csv/to-csv.js'
import { catchRejection } from '../support/catch-error.js'
import { encodeCsv, readCsv } from '../support/encode/encode-csv.js'
import { runChild } from '../support/children/run-child.js'
import { mountSmallDisk } from '../support/machine/small-disk.js'

/** Makes this folder the one for temporary files until the test ends. */
function temporaryFolder(t: Test, folder = t.testdir()): string {
  const before = process.env['TMPDIR']
  process.env['TMPDIR'] = folder
  t.teardown(() => {
    if (before === undefined) delete process.env['TMPDIR']
    else process.env['TMPDIR'] = before
  })
  return folder
}

/** Counts the files in a folder that this process has open, even if they have no name any more. */
function countOpenFiles(folder: string): number {
  let count = 0
  for (const fd of readdirSync('/proc/self/fd')) {
    try {
      if (readlinkSync(`/proc/self/fd/${fd}`).startsWith(folder)) count++
    } catch {
      // the file was closed in the meantime
    }
  }
  return count
}

async function framesOf(spool: Spool): Promise<[number, string][]> {
  const frames: [number, string][] = []
  for await (const { tag, bytes } of spool.readFrames()) frames.push([tag, bytes.toString()])
  return frames
}

const twoWays: CsvOptions[] = [
  { columns: 'all', sampleSize: 1 },
  { columns: 'all', sampleSize: 1, stringify: {} },
]
const many = (count: number) =>
  Array.from({ length: count }, (_, at) => ({ id: String(at), text: 'x'.repeat(60), [`late${at >> 8}`]: 1 }))

t.test('frames are read back in order, each with its tag', async (t) => {
  temporaryFolder(t)
  const spool = new Spool()
  await spool.write(3, Buffer.from('three'))
  await spool.write(0, Buffer.alloc(0))
  await spool.write(4294967295, Buffer.from('é'))
  t.strictSame(await framesOf(spool), [
    [3, 'three'],
    [0, ''],
    [4294967295, 'é'],
  ])
  t.strictSame(await framesOf(spool), [
    [3, 'three'],
    [0, ''],
    [4294967295, 'é'],
  ])
  await spool.dispose()
})

t.test('a spool to which no frame was written yields no frame and has no file', async (t) => {
  const folder = temporaryFolder(t)
  const spool = new Spool()
  t.strictSame(await framesOf(spool), [])
  await spool.dispose()
  await spool.dispose()
  t.strictSame(readdirSync(folder), [])
})

t.test('the file has no name while it is open, and does not exist afterwards', async (t) => {
  const folder = temporaryFolder(t)
  const spool = new Spool()
  await spool.write(1, Buffer.from('x'))
  t.strictSame(readdirSync(folder), [])
  t.equal(countOpenFiles(folder), 1)
  await spool.dispose()
  t.equal(countOpenFiles(folder), 0)
})

t.test('short writes and short reads are completed', async (t) => {
  temporaryFolder(t)
  const open = async (...args: Parameters<typeof fs.open>) => {
    const file = await fs.open(...args)
    return {
      close: () => file.close(),
      writev: ([first]: readonly Uint8Array[], position: number) => file.writev([first!.subarray(0, 3)], position),
      read: (bytes: Uint8Array, at: number, length: number, position: number) =>
        file.read(bytes, at, Math.min(length, 2), position),
    }
  }
  const { Spool: ShortSpool } = await t.mockImport<{ Spool: typeof Spool }>('../../lib/encode/spool/spool.js', {
    'node:fs/promises': { ...fs, open },
  })
  const spool = new ShortSpool()
  await spool.write(7, Buffer.from('a long frame'))
  await spool.write(8, Buffer.from('another'), Buffer.from(' in'), Buffer.alloc(0), Buffer.from(' pieces'))
  t.strictSame(await framesOf(spool), [
    [7, 'a long frame'],
    [8, 'another in pieces'],
  ])
  await spool.dispose()
})

t.test('a spool that ends early is ERR_SPOOL', async (t) => {
  temporaryFolder(t)
  const open = async (...args: Parameters<typeof fs.open>) => {
    const file = await fs.open(...args)
    return { close: () => file.close(), writev: file.writev.bind(file), read: () => Promise.resolve({ bytesRead: 0 }) }
  }
  const { Spool: CutSpool } = await t.mockImport<{ Spool: typeof Spool }>('../../lib/encode/spool/spool.js', {
    'node:fs/promises': { ...fs, open },
  })
  const spool = new CutSpool()
  await spool.write(7, Buffer.from('x'))
  t.match(await catchRejection(framesOf(spool)), {
    code: 'ERR_SPOOL',
    message: /^could not read the spool in .*: it ends early$/,
  })
  await spool.dispose()
})

t.test('a missing folder is ERR_SPOOL with the name of the folder', async (t) => {
  const folder = temporaryFolder(t, `${t.testdir()}/none`)
  for (const options of twoWays) {
    const error = await catchRejection(encodeCsv(many(300), options))
    t.match(error, {
      name: 'ExportError',
      code: 'ERR_SPOOL',
      message: `could not write to the spool in ${folder}: there is no such file or folder (ENOENT)`,
    })
    t.match(error.cause, { code: 'ENOENT' })
  }
})

t.test('a full disk is ERR_SPOOL, and nothing is left of the spool', async (t) => {
  const folder = mountSmallDisk(t)
  if (folder === undefined) {
    t.comment('no file system of our own can be mounted')
    return
  }
  temporaryFolder(t, folder)
  for (const options of twoWays) {
    let bytes = 0
    const counting = new Writable({
      write(chunk: Buffer, _encoding, done) {
        bytes += chunk.length
        done()
      },
    })
    const error = await catchRejection(pipeline(Readable.from(many(5000)), toCsv(options), counting))
    t.match(error, {
      name: 'ExportError',
      code: 'ERR_SPOOL',
      message: `could not write to the spool in ${folder}: no space left on the disk (ENOSPC)`,
    })
    t.equal(bytes, 0, 'no partial row')
    t.equal(countOpenFiles(folder), 0)
    t.strictSame(readdirSync(folder), [])
  }
})

t.test('the spool is closed on success', async (t) => {
  const folder = temporaryFolder(t)
  for (const options of twoWays) {
    t.equal(readCsv(await encodeCsv(many(2000), options)).length, 2001)
    t.equal(countOpenFiles(folder), 0)
  }
})

t.test('the spool is closed when the source fails', async (t) => {
  const folder = temporaryFolder(t)
  function* failing() {
    yield* many(3000)
    throw new Error('no more')
  }
  for (const options of twoWays) {
    t.match(await catchRejection(encodeCsv(failing(), options)), { message: 'no more' })
    t.equal(countOpenFiles(folder), 0)
  }
})

t.test('the spool is closed when the sink fails while rows are read back', async (t) => {
  const folder = temporaryFolder(t)
  for (const options of twoWays) {
    const sink = new Writable({
      write: (_chunk, _encoding, done) => {
        t.equal(countOpenFiles(folder), 1)
        done(new Error('sink'))
      },
    })
    const encoder = toCsv(options)
    const closed = new Promise((resolve) => encoder.once('close', resolve))
    t.match(await catchRejection(pipeline(Readable.from(many(5000)), encoder, sink)), { message: 'sink' })
    await closed
    t.equal(countOpenFiles(folder), 0)
  }
})

t.test('the spool is closed when the stream is destroyed at any moment', async (t) => {
  const folder = temporaryFolder(t)
  for (const options of twoWays) {
    for (let turns = 0; turns < 40; turns++) {
      const encoder = toCsv(options)
      for (const row of many(1500)) encoder.write(row)
      for (let turn = 0; turn < turns; turn++) await new Promise(setImmediate)
      encoder.destroy()
      await once(encoder, 'close')
      t.equal(countOpenFiles(folder), 0, `after ${turns} turns`)
    }
  }
  t.strictSame(readdirSync(folder), [])
})

t.test('a process that is killed leaves no spool', async (t) => {
  const folder = t.testdir()
  const child = runChild('spool-child.ts', [], { TMPDIR: folder })
  await child.waitForText('spooling')
  child.process.kill('SIGKILL')
  await child.ended
  t.strictSame(
    readdirSync(folder).filter((name) => name.includes('spool')),
    [],
  )
})

t.test('a reader may stop before the last frame, and the spool may be disposed while a frame is read', async (t) => {
  const folder = temporaryFolder(t)
  const spool = new Spool()
  for (let tag = 0; tag < 3; tag++) await spool.write(tag, Buffer.alloc(100_000, tag))
  for await (const { tag } of spool.readFrames()) {
    t.equal(tag, 0)
    await spool.dispose()
    break
  }
  t.equal(countOpenFiles(folder), 0)
})

t.test(
  'rows that Node.js cannot serialize, because they are nested too deeply, are refused with these words',
  async (t) => {
    let deep: unknown = []
    for (let depth = 0; depth < 100_000; depth++) deep = [deep]
    t.throws(() => serializeRows([deep]), { message: 'a value is nested too deeply' })
  },
)
