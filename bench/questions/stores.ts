// How fast are objects uploaded, compared with the SDK's own upload of a finished file, and how much memory do uploads need?
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline/promises'
import type { Measurement } from '../harness/case-types.js'
import { runCase } from '../harness/contest.js'
import { getBuiltPath } from '../harness/folders.js'
import { formatMarkdownTable } from '../harness/markdown.js'
import type { CountedObject } from '../harness/part-counter.js'
import type { Answer, BenchRun, Question } from '../harness/question.js'
import { computeSpread, formatInteger } from '../harness/statistics.js'

const MIB = 1024 ** 2
const MAX_RSS_MB = 250
const PART_MIB = 8

const labels = {
  sdk: "the SDK's Upload, a finished file",
  file: 's3File, a finished file',
  generated: 's3File, generated',
}
type Mode = keyof typeof labels

export const stores: Question = {
  id: 'stores',
  title: 'Uploads to an object store',
  async ask(run: BenchRun): Promise<Answer> {
    const [fileMib, generatedMib, rounds] = run.quick ? [64, 128, 1] : [1024, 5120, 5]
    const file = join(run.folder, 'upload.bin')
    await writeLargeFile(file, fileMib)
    const counter = await startCounter()
    const measured = new Map<Mode, Measurement[]>()
    const hashes = new Set<string>()
    try {
      for (let round = 0; round < rounds; round++)
        for (const mode of ['sdk', 'file'] as const) {
          measured.set(mode, [...(measured.get(mode) ?? []), await upload(counter.url, file, mode, fileMib)])
          hashes.add(JSON.stringify(await counter.getFigures(fileMib)))
        }
      measured.set('generated', [await upload(counter.url, file, 'generated', generatedMib)])
      await counter.getFigures(generatedMib)
    } finally {
      await counter.close()
      await rm(file)
    }
    if (hashes.size !== 1) throw new Error('the two uploads sent different bytes')
    const rows = [...measured].map(([mode, runs]) => {
      const mib = mode === 'generated' ? generatedMib : fileMib
      const seconds = computeSpread(runs.map(({ wallMs }) => wallMs)).median / 1000
      const rss = computeSpread(runs.map(({ peakRssMb }) => peakRssMb ?? NaN)).max
      return [labels[mode], formatInteger(mib), formatInteger((mib * MIB) / 1e6 / seconds), formatInteger(rss)]
    })
    const peak = measured.get('generated')![0]!.peakRssMb ?? NaN
    const verdict = `Peak memory of the upload of ${formatInteger(generatedMib)} MiB: ${peak <= MAX_RSS_MB ? 'within' : '**over**'} ${MAX_RSS_MB} MB.`
    const method = `Parts of ${PART_MIB} MiB, four at a time, to a server in another process that counts the parts and hashes them; the hashes of both uploads are the same. Medians of ${rounds}.`
    return {
      text: `${method}\n\n${formatMarkdownTable(['', 'MiB', 'MB/s', 'peak RSS MB'], rows)}\n\n${verdict}`,
      figures: {},
    }
  },
}

async function writeLargeFile(path: string, mib: number): Promise<void> {
  const file = await open(path, 'w')
  for (let index = 0; index < mib; index++) await file.write(Buffer.alloc(MIB, `${index} `))
  await file.close()
}

const upload = (url: string, file: string, variant: Mode, mib: number): Promise<Measurement> =>
  runCase('upload', { url, token: '', reportId: '', total: 0, records: mib, file, options: { variant } })

/** Starts the counter. `getFigures` throws unless the last object has this size, in parts of `PART_MIB`. */
async function startCounter() {
  const child = spawn(process.execPath, [getBuiltPath('harness/part-counter.js')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const [url] = (await once(createInterface(child.stdout), 'line')) as [string]
  return {
    url,
    getFigures: async (mib: number): Promise<CountedObject> => {
      const figures = (await (await fetch(`${url}/figures`)).json()) as CountedObject
      if (figures.bytes !== mib * MIB || figures.parts !== mib / PART_MIB)
        throw new Error(`expected ${mib} MiB in parts of ${PART_MIB}, got ${JSON.stringify(figures)}`)
      return figures
    },
    close: async () => {
      const exited = once(child, 'exit')
      child.stdin.end()
      await exited
    },
  }
}
