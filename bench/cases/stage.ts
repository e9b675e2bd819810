// Runs one stage of an export alone. Every stage but `fetch` gets pages or records that are already in memory.
import { Readable, Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { flattenRecord, toCsv, toNdjson, toParquet, type Encoder, type ExportRecord } from '../../lib/index.js'
import { parseJson } from '../../lib/shared/json/json.js'
import { KeyDeduplicator } from '../../lib/pagination/key-deduplicator.js'
import type { CaseInput, Work } from '../harness/case-types.js'
import { fetchPageBytes, countRecords } from '../case-helpers/pages.js'

interface Body {
  readonly data: ExportRecord[]
}

/** Runs a stage with the pages and returns the number of records. */
type Stage = (pages: readonly Buffer[]) => number | Promise<number>

const parseRecords = (page: Buffer) => (JSON.parse(page.toString()) as Body).data

/** Stages that get parsed records; the parsing is not timed. */
const recordStages: Readonly<Record<string, (records: ExportRecord[]) => number | Promise<number>>> = {
  'key deduplicator': (records) => {
    const deduplicator = new KeyDeduplicator()
    deduplicator.startSearch()
    return records.filter(({ processInstanceId }) => deduplicator.add(processInstanceId as string) === 'new').length
  },
  flatten: (records) =>
    records.reduce((count, record) => count + Math.sign(Object.keys(flattenRecord(record)).length), 0),
  'objects through a stream': async (records) => {
    let rows = 0
    const count = new Writable({
      objectMode: true,
      write(_record, _encoding, done) {
        rows++
        done()
      },
    })
    await pipeline(Readable.from(records), count)
    return rows
  },
  CSV: (records) => encode(records, toCsv()),
  Parquet: (records) => encode(records, toParquet()),
  NDJSON: (records) => encode(records, toNdjson()),
}

const pageStages: Readonly<Record<string, Stage>> = {
  'JSON.parse': (pages) => pages.reduce((count, page) => count + parseRecords(page).length, 0),
  'parse, digits kept': (pages) => pages.reduce((count, page) => count + (parseJson(page) as Body).data.length, 0),
}

export async function open(input: CaseInput): Promise<Work> {
  const { variant: stage = '' } = input.options
  if (stage === 'fetch') return async () => ({ rows: await fetchAll(input) })
  const pages: Buffer[] = []
  for await (const page of fetchPageBytes(input)) pages.push(page)
  const pageStage = pageStages[stage]
  if (pageStage) return async () => ({ rows: await pageStage(pages) })
  const records = pages.flatMap(parseRecords)
  const recordStage = recordStages[stage]
  if (!recordStage) throw new Error(`no stage called ${stage}`)
  return async () => ({ rows: await recordStage(records) })
}

async function fetchAll(input: CaseInput): Promise<number> {
  let rows = 0
  for await (const page of fetchPageBytes(input)) rows += countRecords(page)
  return rows
}

/** Encodes objects without a source stream and discards the bytes. */
async function encode(records: readonly ExportRecord[], encoder: Encoder): Promise<number> {
  const nowhere = new Writable({ write: (_bytes, _encoding, done) => done() })
  const done = pipeline(encoder, nowhere)
  for (const record of records) if (!encoder.write(record)) await waitForDrain(encoder)
  encoder.end()
  await done
  return encoder.stats.rows
}

const waitForDrain = (encoder: Encoder) => new Promise((resolve) => encoder.once('drain', resolve))
