// A long export from a server that fails repeatedly. It counts retries and restarts, and samples its memory. With a file of ids, a
// transform between source and encoder checks every id.
import { createWriteStream } from 'node:fs'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { exportStream, toCsv, toParquet, type ExportRecord } from 'optimize-export'
import type { CaseInput, Work } from '../harness/case-types.js'
import { IdLedger } from '../harness/id-ledger.js'
import { computeSpread } from '../harness/statistics.js'

const SAMPLE_MS = 200

export async function open({ options, ...input }: CaseInput): Promise<Work> {
  const { idsFile, format, source: given } = options
  const ledger = idsFile === undefined ? undefined : await IdLedger.open(idsFile, input.total)
  const { url: baseUrl, token: accessToken, reportId } = input
  return async () => {
    const samples: number[] = []
    const sampler = setInterval(() => samples.push(process.memoryUsage.rss() / 1e6), SAMPLE_MS)
    const source = exportStream({ baseUrl, accessToken, reportId, ...given })
    const encoder = format === 'parquet' ? toParquet() : toCsv()
    const out = createWriteStream(input.file)
    if (ledger) await pipeline(source, createChecker(ledger), encoder, out)
    else await pipeline(source, encoder, out)
    clearInterval(sampler)
    if (ledger && ledger.missing > 0) throw new Error(`${ledger.missing} ids did not arrive`)
    const { pages, retries, restarts, duplicates, complete } = source.stats
    if (!complete) throw new Error('the export says that it is not complete')
    return { rows: encoder.stats.rows, figures: { pages, retries, restarts, duplicates, ...summarizeMemory(samples) } }
  }
}

function createChecker(ledger: IdLedger): Transform {
  return new Transform({
    objectMode: true,
    transform(record: ExportRecord, _encoding, done) {
      try {
        ledger.markArrived(record['processInstanceId'] as string)
        done(null, record)
      } catch (error) {
        done(error as Error)
      }
    },
  })
}

/** Returns the medians of the second and the last quarter of the time. */
function summarizeMemory(samples: readonly number[]) {
  const quarter = (n: number) => samples.slice((samples.length * n) / 4, (samples.length * (n + 1)) / 4)
  return { earlyRssMb: computeMedian(quarter(1)), lateRssMb: computeMedian(quarter(3)) }
}

const computeMedian = (values: readonly number[]) => (values.length === 0 ? NaN : computeSpread(values).median)
