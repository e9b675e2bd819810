// `optimize-export demo`: an example export from a fake server in this process. It needs no set-up.
import { resolve } from 'node:path'
import { mkdir } from 'node:fs/promises'
import { startFakeOptimize } from '../../testing/index.js'
import type { Context } from '../context.js'
import { exit } from '../exit-codes.js'
import { Settings } from '../settings.js'
import { pluralize } from '../format-text.js'
import { runJob, type ReportResult } from './export.js'

const defaults = new Settings([], [])

/** Exports generated records to CSV and Parquet. */
export async function runDemo(context: Context): Promise<number> {
  const { settings, progress, signal } = context
  const folder = settings.text('out') ?? 'out'
  const server = await startFakeOptimize({ records: (settings.get('records') ?? 20_000) as number })
  progress.note(`a server with ${pluralize(server.ids().length, 'process instance')} runs at ${server.url}`)
  try {
    await mkdir(folder, { recursive: true })
    const results: ReportResult[] = []
    for (const format of ['csv', 'parquet'] as const) {
      const records = { path: resolve(folder, `instances.${format}`), format, gzip: false, isInFolder: true }
      const connection = { baseUrl: server.url, accessToken: server.token }
      const job = { reportId: server.reportId, targets: { records, events: undefined }, connection }
      results.push(await runJob(job, { ...context, settings: defaults }))
      signal.throwIfAborted()
    }
    return printResults(results, context)
  } finally {
    await server.close()
  }
}

function printResults(results: readonly ReportResult[], { settings, printJson, progress }: Context): number {
  const failed = results.find(({ code }) => code !== exit.complete)
  const outcomes = results.map(({ outcome }) => outcome)
  if (settings.get('json') === true) printJson({ complete: failed === undefined, reports: outcomes })
  if (failed) return failed.code
  for (const { file, receipt } of outcomes) progress.note(`  ${String(file)}, its receipt ${String(receipt)}`)
  progress.note('with your Optimize: OPTIMIZE_URL=… OPTIMIZE_TOKEN=… optimize-export inspect --report ID')
  return exit.complete
}
