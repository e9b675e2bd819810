// `optimize-export demo`: an export to see, from a server that runs in this process; nothing has to be set up.
import { resolve } from 'node:path'
import { mkdir } from 'node:fs/promises'
import { startFakeOptimize } from '../../testing/index.js'
import type { Context } from '../context.js'
import { exit } from '../failures.js'
import { Settings } from '../settings.js'
import { counted } from '../words.js'
import { runOrder, type Result } from './export.js'

const defaults = new Settings([], [])

/** Exports invented records to CSV and Parquet. */
export async function runDemo(context: Context): Promise<number> {
  const { settings, progress, signal } = context
  const folder = settings.text('out') ?? 'out'
  const server = await startFakeOptimize({ records: (settings.get('records') ?? 20_000) as number })
  progress.note(`a server with ${counted(server.ids().length, 'process instance')} runs at ${server.url}`)
  try {
    await mkdir(folder, { recursive: true })
    const results: Result[] = []
    for (const format of ['csv', 'parquet'] as const) {
      const records = { path: resolve(folder, `instances.${format}`), format, gzip: false, inFolder: true }
      const connection = { baseUrl: server.url, accessToken: server.token }
      const order = { reportId: server.reportId, targets: { records, events: undefined }, connection }
      results.push(await runOrder(order, { ...context, settings: defaults }))
      signal.throwIfAborted()
    }
    return report(results, context)
  } finally {
    await server.close()
  }
}

function report(results: readonly Result[], { settings, answer, progress }: Context): number {
  const failed = results.find(({ code }) => code !== exit.complete)
  const outcomes = results.map(({ outcome }) => outcome)
  if (settings.get('json') === true) answer({ complete: failed === undefined, reports: outcomes })
  if (failed) return failed.code
  for (const { file, receipt } of outcomes) progress.note(`  ${String(file)}, its receipt ${String(receipt)}`)
  progress.note('with your Optimize: OPTIMIZE_URL=… OPTIMIZE_TOKEN=… optimize-export inspect --report ID')
  return exit.complete
}
