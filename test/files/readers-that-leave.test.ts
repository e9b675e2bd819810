// A FIFO or a socket whose reader reads everything, starts late or stops at any moment: every export ends, and the reader of a
// successful one has received all bytes.
import { execFileSync } from 'node:child_process'
import { open, rm } from 'node:fs/promises'
import { createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setImmediate as turn } from 'node:timers/promises'
import t from 'tap'
import { atomicFile } from '../../lib/files/atomic-file.js'
import { Random } from '../../lib/testing/random.js'
import { seedsOf } from '../support/random/property.js'
import { createShortFolder } from '../support/machine/short-folder.js'

const seeds = seedsOf(40)
/** Much longer than a run takes on a busy machine. */
const LIMIT_MS = 30_000
t.setTimeout(2 * LIMIT_MS + seeds.length * 1000)

interface Plan {
  readonly path: string
  readonly chunks: readonly number[]
  readonly total: number
  /** Bytes after which the reader leaves; Infinity for one that takes all. */
  readonly leavesAfter: number
  /** Turns of the event loop before each chunk, and before the reader comes. */
  readonly turns: () => number
}

function planOf(path: string, seed: number): Plan {
  const random = new Random()
  random.startAt(seed, 0)
  const below = (limit: number) => random.below(limit)
  const chunks = Array.from({ length: 1 + below(8) }, () => 1 + below(below(2) === 0 ? 20 : 200_000))
  const total = chunks.reduce((sum, size) => sum + size)
  return { path, chunks, total, leavesAfter: below(2) === 0 ? Infinity : below(total + 1), turns: () => below(20) }
}

async function wait(turns: number): Promise<void> {
  for (let at = 0; at < turns; at++) await turn()
}

async function* bytesOf({ chunks, turns }: Plan): AsyncGenerator<Buffer> {
  for (const size of chunks) {
    await wait(turns())
    yield Buffer.alloc(size, 'x')
  }
}

/** Resolves with `ok`, or with the message of the error. */
const exportTo = (plan: Plan) =>
  pipeline(Readable.from(bytesOf(plan)), atomicFile(plan.path)).then(
    () => 'ok',
    (error: unknown) => `${(error as { code: string }).code} ${(error as Error).message}`,
  )

/** Rejects if the work takes too long. What is left of the run then keeps the process alive, so no further run is tried. */
const within = <T>(work: Promise<T>): Promise<T> => {
  let timer: NodeJS.Timeout
  const late = new Promise<never>(
    (_, reject) => (timer = setTimeout(() => reject(new Error('it did not end')), LIMIT_MS)),
  )
  return Promise.race([work, late]).finally(() => clearTimeout(timer))
}

/** Returns what is wrong with a run, or undefined if nothing is. */
function findProblem(result: string, taken: number, { total, leavesAfter }: Plan): string | undefined {
  if (result === 'ok')
    return leavesAfter === Infinity && taken !== total ? `${taken} of ${total} bytes arrived` : undefined
  const isRight = leavesAfter < Infinity && /^ERR_FILE atomicFile: cannot \w+ .*: the reader closed it \(/.test(result)
  return isRight ? undefined : result
}

async function readFifo({ path, leavesAfter, turns }: Plan): Promise<number> {
  await wait(turns())
  const file = await open(path, 'r')
  let taken = 0
  const buffer = Buffer.alloc(65_536)
  while (taken < leavesAfter) {
    const { bytesRead } = await file.read(buffer, 0, Math.min(buffer.length, leavesAfter - taken))
    if (bytesRead === 0) break
    taken += bytesRead
    await wait(turns())
  }
  await file.close()
  return taken
}

t.test(`a FIFO, ${seeds.length} runs from seed ${seeds[0]!}`, async (t) => {
  const folder = t.testdir({})
  const counts = { ok: 0, left: 0 }
  for (const seed of seeds) {
    const plan = planOf(join(folder, `${seed}`), seed)
    execFileSync('mkfifo', [plan.path])
    const [result, taken] = await within(Promise.all([exportTo(plan), readFifo(plan)]))
    await rm(plan.path)
    const problem = findProblem(result, taken, plan)
    if (problem !== undefined) t.fail(`seed ${seed}: ${problem}`, { plan })
    counts[result === 'ok' ? 'ok' : 'left']++
  }
  t.ok(counts.ok > 0 && counts.left > 0, JSON.stringify(counts))
})

/** Takes bytes and leaves, with or without having ended its own direction, which carries nothing. */
function readSocket(socket: Socket, { leavesAfter, total }: Plan, endsFirst: boolean): Promise<number> {
  if (endsFirst) socket.end()
  if (leavesAfter === 0) socket.destroy()
  let taken = 0
  return new Promise((resolve) => {
    socket.on('error', () => undefined)
    socket.on('data', (bytes: Buffer) => {
      taken += bytes.length
      if (taken >= leavesAfter && taken < total) socket.destroy()
    })
    socket.on('end', () => socket.end())
    socket.once('close', () => resolve(taken))
  })
}

t.test(`a socket, ${seeds.length} runs from seed ${seeds[0]!}`, async (t) => {
  const path = join(createShortFolder(t), 'socket')
  const counts = { ok: 0, left: 0 }
  for (const seed of seeds) {
    const plan = planOf(path, seed)
    const server = createServer({ allowHalfOpen: true })
    const taken = new Promise<number>((resolve) => {
      server.once('connection', (socket) => void readSocket(socket, plan, seed % 2 === 0).then(resolve))
    })
    await new Promise<void>((resolve) => server.listen(plan.path, resolve))
    const [result, bytes] = await within(Promise.all([exportTo(plan), taken]))
    await new Promise((resolve) => server.close(resolve))
    const problem = findProblem(result, bytes, plan)
    if (problem !== undefined) t.fail(`seed ${seed}: ${problem}`, { plan, endsFirst: seed % 2 === 0 })
    counts[result === 'ok' ? 'ok' : 'left']++
  }
  t.ok(counts.ok > 0 && counts.left > 0, JSON.stringify(counts))
})
