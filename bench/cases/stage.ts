// One stage of an export alone, over pages that are in memory already.
import { Readable, Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { flattenRecord, toCsv, toNdjson, toParquet, type Encoder, type ExportRecord } from '../../lib/index.js'
import { parseJson } from '../../lib/json.js'
import { SeenSet } from '../../lib/pages/seen-set.js'
import type { CaseInput, Work } from '../lab/case-types.js'
import { pageBytes, recordsIn } from '../peers/pages.js'

interface Body {
  readonly data: ExportRecord[]
}

/** What a stage does with the pages; resolves to the number of records. */
type Stage = (pages: readonly Buffer[]) => number | Promise<number>

const parsed = (page: Buffer) => (JSON.parse(page.toString()) as Body).data

/** The stages that start from records are given them parsed, which is not timed. */
const onRecords: Readonly<Record<string, (records: ExportRecord[]) => number | Promise<number>>> = {
  'seen-set': (records) => {
    const seen = new SeenSet()
    seen.startSearch()
    return records.filter(({ processInstanceId }) => seen.meet(processInstanceId as string) === 'new').length
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

const onPages: Readonly<Record<string, Stage>> = {
  'JSON.parse': (pages) => pages.reduce((count, page) => count + parsed(page).length, 0),
  'parse, digits kept': (pages) => pages.reduce((count, page) => count + (parseJson(page) as Body).data.length, 0),
}

export async function open(input: CaseInput): Promise<Work> {
  const { stage = '' } = input.options
  if (stage === 'fetch') return async () => ({ rows: await fetched(input) })
  const pages: Buffer[] = []
  for await (const page of pageBytes(input)) pages.push(page)
  const onPage = onPages[stage]
  if (onPage) return async () => ({ rows: await onPage(pages) })
  const records = pages.flatMap(parsed)
  const onRecord = onRecords[stage]
  if (!onRecord) throw new Error(`no stage called ${stage}`)
  return async () => ({ rows: await onRecord(records) })
}

async function fetched(input: CaseInput): Promise<number> {
  let rows = 0
  for await (const page of pageBytes(input)) rows += recordsIn(page)
  return rows
}

/** Objects handed over without a stream in front, bytes thrown away. */
async function encode(records: readonly ExportRecord[], encoder: Encoder): Promise<number> {
  const nowhere = new Writable({ write: (_bytes, _encoding, done) => done() })
  const done = pipeline(encoder, nowhere)
  for (const record of records) if (!encoder.write(record)) await drained(encoder)
  encoder.end()
  await done
  return encoder.stats.rows
}

const drained = (encoder: Encoder) => new Promise((resolve) => encoder.once('drain', resolve))
