// npm run guard: finds out whether the code became slower. It compares ratios within one run with those in RESULTS.md, with a
// tolerance for noise. If a ratio looks worse, all are measured a second time.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { getSourcePath } from './harness/folders.js'
import { Inspector } from './harness/inspector.js'
import { readSections } from './harness/results.js'
import { formatRatio } from './harness/statistics.js'
import { guardBaseline } from './questions/guard-baseline.js'
import { measureRatios } from './questions/guard-ratios.js'

/** A slowdown below this factor may be noise. */
const NOISE_FACTOR = 1.3
const ROUNDS = 5

type Ratios = Readonly<Record<string, number>>

async function readBaseline(): Promise<Ratios | undefined> {
  const sections = await readSections(getSourcePath('RESULTS.md'))
  const found = sections.find(({ id }) => id === guardBaseline.id)
  return found?.figures as Ratios | undefined
}

const findSlower = (ratios: Ratios, base: Ratios) =>
  Object.keys(ratios).filter((label) => ratios[label]! > (base[label] ?? Infinity) * NOISE_FACTOR)

async function measure(base: Ratios): Promise<Ratios> {
  const folder = await mkdtemp(join(tmpdir(), 'optimize-export-guard-'))
  const inspector = await Inspector.open()
  const run = { quick: false, folder, inspector, log: () => undefined }
  try {
    const first = await measureRatios(run, ROUNDS)
    if (findSlower(first, base).length === 0) return first
    const second = await measureRatios(run, ROUNDS)
    return Object.fromEntries(Object.entries(first).map(([label, ratio]) => [label, Math.min(ratio, second[label]!)]))
  } finally {
    inspector.close()
    await rm(folder, { recursive: true, force: true })
  }
}

/** Prints all ratios. Returns the labels of those that are too large. */
async function runGuard(base: Ratios): Promise<string[]> {
  const ratios = await measure(base)
  const failed = findSlower(ratios, base)
  for (const [label, ratio] of Object.entries(ratios)) {
    const before = base[label]
    const baselineText =
      before === undefined
        ? 'not measured before'
        : `${formatRatio(before)} in RESULTS.md, at most ${formatRatio(before * NOISE_FACTOR)}`
    log(`${failed.includes(label) ? 'SLOWER' : 'ok    '} ${label}: ${formatRatio(ratio)} (${baselineText})`)
  }
  return failed
}

const log = (line: string) => process.stdout.write(`${line}\n`)
const base = await readBaseline()
const failed = base ? await runGuard(base) : ['no baseline in bench/RESULTS.md; make one with: npm run bench -- guard']
if (failed.length > 0) {
  log(`guard failed: ${failed.join(', ')}`)
  process.exitCode = 1
}
