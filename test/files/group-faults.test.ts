// Every call to the file system fails once, at every position: afterwards the files are all old or all new.
// PROPERTY_RUNS is the minimum number of injected faults.
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { Readable, type Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import t, { type Test } from 'tap'
import { atomicFiles } from '../../lib/files/atomic-file.js'
import { disk } from '../../lib/files/local/disk.js'
import { Random } from '../../lib/testing/random.js'
import { runs, seed } from '../support/random/property.js'

const { numRuns: RUNS } = runs(100)
t.setTimeout(120_000 + RUNS * 500)

/** Returns a function that returns an integer from 0 to `limit - 1`. */
function randomFrom(seed: number): (limit: number) => number {
  const random = new Random()
  random.startAt(seed, 0)
  return (limit) => random.below(limit)
}

interface File {
  readonly path: string
  readonly receiptAt: string | undefined
  readonly hadFile: boolean
  readonly hadReceipt: boolean
  readonly receiptPlace: 'beside' | 'folder'
  readonly chunks: number
}

interface Scenario {
  readonly files: readonly File[]
  readonly hasLinks: boolean
  readonly isParallel: boolean
}

function scenarioFrom(random: (below: number) => number, folder: string): Scenario {
  const chance = () => random(2) === 0
  const files = Array.from({ length: 1 + random(3) }, (_, at): File => {
    const path = join(folder, chance() ? `${at}.csv` : join('deep', `${at}.csv`))
    const receiptPlace = chance() ? 'beside' : 'folder'
    const hadFile = random(4) > 0
    const beside = receiptPlace === 'beside' ? `${path}.json` : join(dirname(path), '_receipts', `${at}.csv.json`)
    return {
      path,
      receiptPlace,
      hadFile,
      receiptAt: random(3) > 0 ? beside : undefined,
      hadReceipt: hadFile && chance(),
      chunks: 1 + random(3),
    }
  })
  return { files, hasLinks: random(3) > 0, isParallel: chance() }
}

const OLD = 'the old version'
const newText = ({ chunks }: File) => 'new\n'.repeat(chunks)
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')

/** Makes the call with the number `failingCall` fail; 0 for none. Returns how many calls there were, and which failed. */
function injectFault(t: Test, { hasLinks }: Scenario, failingCall: number, code: string) {
  const seen = { calls: 0, failed: '' }
  const shouldFail = (name: string) => {
    if (++seen.calls !== failingCall) return false
    seen.failed = name
    return true
  }
  const failure = (name: string, as = code) => Object.assign(new Error(`injected: ${name}`), { code: as })
  const wrapHandle = (handle: FileHandle) => {
    for (const name of ['write', 'writeFile', 'sync', 'close', 'chmod', 'chown'] as const) {
      const real = handle[name].bind(handle) as (...args: unknown[]) => Promise<unknown>
      const wrapped = async (...args: unknown[]) => {
        if (!shouldFail(name)) return real(...args)
        if (name === 'close') await real(...args)
        throw failure(name)
      }
      Object.assign(handle, { [name]: wrapped })
    }
    return handle
  }
  for (const [name, real] of Object.entries(disk) as [keyof typeof disk, (...args: unknown[]) => unknown][]) {
    const wrapped = (...args: unknown[]) => {
      if (name === 'link' && !hasLinks) return Promise.reject(failure(name, 'ENOTSUP'))
      if (shouldFail(name)) {
        if (name.endsWith('Sync')) throw failure(name)
        return Promise.reject(failure(name))
      }
      const result = real(...args)
      return name === 'open' ? (result as Promise<FileHandle>).then(wrapHandle) : result
    }
    t.intercept(disk, name, { value: wrapped })
  }
  return seen
}

async function attempt({ files, isParallel }: Scenario): Promise<(Error & { code?: string })[]> {
  const streams = atomicFiles(
    files.map(({ path, receiptAt, receiptPlace }) =>
      receiptAt === undefined ? { path } : { path, receiptPlace, receipt: () => ({ rows: 1 }) },
    ),
  )
  const closed = streams.map((stream) => new Promise((resolve) => stream.once('close', resolve)))
  const errors: Error[] = []
  const write = (stream: Writable, at: number) =>
    pipeline(Readable.from(Array.from({ length: files[at]!.chunks }, () => Buffer.from('new\n'))), stream).catch(
      (error: unknown) => void errors.push(error as Error),
    )
  if (isParallel) await Promise.all(streams.map(write))
  else for (const [at, stream] of streams.entries()) await write(stream, at)
  await Promise.all(closed)
  return errors
}

function prepare(folder: string, { files }: Scenario): void {
  mkdirSync(join(folder, 'deep'))
  for (const { path, hadFile, receiptAt, hadReceipt } of files) {
    if (hadFile) writeFileSync(path, OLD)
    if (!hadReceipt || receiptAt === undefined) continue
    mkdirSync(dirname(receiptAt), { recursive: true })
    writeFileSync(receiptAt, JSON.stringify({ of: 'the old version' }))
  }
}

const textAt = (path: string) => (existsSync(path) ? readFileSync(path, 'utf8') : undefined)

function isOld({ path, hadFile, receiptAt, hadReceipt }: File): boolean {
  const receipt = receiptAt !== undefined && hadReceipt ? JSON.stringify({ of: 'the old version' }) : undefined
  return textAt(path) === (hadFile ? OLD : undefined) && (receiptAt === undefined || textAt(receiptAt) === receipt)
}

function isNew(file: File): boolean {
  const text = newText(file)
  if (textAt(file.path) !== text) return false
  if (file.receiptAt === undefined) return true
  const receipt = JSON.parse(textAt(file.receiptAt) ?? '{}') as Record<string, unknown>
  return receipt['sha256'] === sha256(text) && receipt['bytes'] === text.length && receipt['rows'] === 1
}

/** Returns what is neither a file nor a receipt of the scenario. */
function rest(folder: string, { files }: Scenario): string[] {
  const known = new Set(['deep', '_receipts', ...files.map(({ path }) => basename(path))])
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => !known.has(basename(name)) && !known.has(basename(name).replace(/\.json$/, '')))
    .filter((name) => !name.includes('.part/'))
}

/** Calls that remove what is not needed any more; when one fails, a part folder stays. */
const removals = ['readFileSync', 'unlinkSync', 'rmdirSync']

t.test(`whatever call fails, files are all old or all new (seed ${seed}, at least ${RUNS} faults)`, async (t) => {
  const random = randomFrom(seed)
  let count = 0
  for (let run = 0; run < 3 || count < RUNS; run++) {
    const own = random(2 ** 31)
    for (let failingCall = 0, calls = Infinity; failingCall <= calls; failingCall++) {
      const folder = mkdtempSync(join(tmpdir(), 'group-'))
      const scenario = scenarioFrom(randomFrom(own), folder)
      prepare(folder, scenario)
      const code = ['EIO', 'ENOSPC', 'EACCES'][random(3)]!
      let seen = { calls: 0, failed: '' }
      let errors: (Error & { code?: string })[] = []
      // the interception ends with its test
      await t.test({ name: 'one run', silent: true }, async (t) => {
        seen = injectFault(t, scenario, failingCall, code)
        errors = await attempt(scenario)
      })
      if (failingCall === 0) calls = seen.calls
      const which = `run ${run}, call ${failingCall} of ${calls}: ${seen.failed} ${code}`
      const all = errors.length === 0 ? scenario.files.every(isNew) : scenario.files.every(isOld)
      if (!all) t.fail(`${which}: not all ${errors.length === 0 ? 'new' : 'old'}`, { scenario, errors, folder })
      const foreign = errors.find(({ code, message }) => code !== 'ERR_FILE' || !message.startsWith('atomicFiles: '))
      if (foreign) t.fail(which, { error: foreign })
      const left = rest(folder, scenario)
      if (left.some((name) => !name.endsWith('.part')) || (left.length > 0 && !removals.includes(seen.failed)))
        t.fail(`${which}: left ${left.join(', ')}`, { scenario, errors })
      if (failingCall === 0 && errors.length > 0) t.fail(`${which}: failed without a fault`, { errors })
      rmSync(folder, { recursive: true })
      count++
    }
  }
  t.ok(count > 60, `${count} runs`)
})
