// optimize-export, used as its README shows, with the options of the case.
import { createWriteStream } from 'node:fs'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { Transform, type Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
// imports are not timed, and the library imports this package with its first request
import 'node-fetch'
import {
  exportStream,
  flowNodeEvents,
  toCsv,
  toNdjson,
  toParquet,
  type Encoder,
  type ExportRecord,
} from 'optimize-export'
import type { CaseInput, CaseOptions, Work } from '../harness/case-types.js'

export function open({ options, ...input }: CaseInput): Work {
  return async () => {
    const delay = options.watchLoop ? monitorEventLoopDelay({ resolution: 1 }) : undefined
    delay?.enable()
    const encoder = createEncoder(options)
    const source = createSource(input, options)
    const transforms = options.hasTransform ? [createUserTransform()] : []
    const slowdown = options.sinkMbPerSecond === undefined ? [] : [createThrottle(options.sinkMbPerSecond * 1000)]
    await Promise.all([
      pipeline([source, ...transforms, encoder, ...slowdown, createWriteStream(input.file)]),
      options.events && writeEvents(source, options, `${input.file}.events`),
    ])
    delay?.disable()
    const loop = delay ? { loopMaxMs: delay.max / 1e6, loopP99Ms: delay.percentile(99) / 1e6 } : {}
    return { rows: encoder.stats.rows, figures: { lateColumns: encoder.stats.lateColumns, ...loop } }
  }
}

type Input = Omit<CaseInput, 'options'>

function createSource({ url, token, reportId, records, total }: Input, { source }: CaseOptions): Readable {
  const limitOptions = records < total ? { maxRecords: records } : {}
  return exportStream({ baseUrl: url, reportId, accessToken: token, ...limitOptions, ...source })
}

function createEncoder({ format = 'csv', csv, parquet, ndjson, hasNamingFunction }: CaseOptions): Encoder {
  if (format === 'ndjson') return toNdjson(ndjson)
  const naming = hasNamingFunction ? { naming: (id: string) => `${id}_` } : {}
  return format === 'csv' ? toCsv({ ...csv, ...naming }) : toParquet({ ...parquet, metadata, ...naming })
}

/** The same metadata in every file, so that equal rows make equal bytes. */
const metadata = {
  'optimize-export.reportId': '',
  'optimize-export.total': '',
  'optimize-export.startedAt': '',
}

/** Writes the event log of the export, as the command does with --events. */
async function writeEvents(source: Readable, options: CaseOptions, file: string): Promise<void> {
  const transforms = options.hasTransform ? [createUserTransform()] : []
  const encoder = createEncoder(options.events ?? {})
  await pipeline([source, ...transforms, flowNodeEvents(), encoder, createWriteStream(file)])
}

/** Returns a transform that checks each record and passes it on. With a transform, an export goes record by record. */
function createUserTransform(): Transform {
  return new Transform({
    objectMode: true,
    transform(record: ExportRecord, _encoding, done) {
      if (typeof (record['processInstanceId'] ?? record['key']) === 'string') done(null, record)
      else done(new Error('a record without an id'))
    },
  })
}

function createThrottle(bytesPerMs: number): Transform {
  let dueMs = performance.now()
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      dueMs = Math.max(dueMs, performance.now() - 5) + chunk.length / bytesPerMs
      const waitMs = dueMs - performance.now()
      if (waitMs < 1) done(null, chunk)
      else setTimeout(() => done(null, chunk), waitMs)
    },
  })
}
