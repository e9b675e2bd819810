// `optimize-export demo`: an example export or load, from a fake server in this process, so it needs no address and no token.
import { join, resolve } from 'node:path'
import { startFakeOptimize, type FakeOptimize } from '../../testing/index.js'
import type { Context } from '../context.js'
import { exit } from '../errors/exit-codes.js'
import { Settings } from '../settings.js'
import { escapeLine, pluralize } from '../output/format-text.js'
import { createDestination } from '../load/databases.js'
import { eventTableFlags, tableFlags } from '../flags/load-flags.js'
import { loadTable } from '../load/load-table.js'
import { createOutputFolder } from '../export/output-folders.js'
import { attemptExport, type ReportResult } from '../export/attempt-export.js'

const noSettings = new Settings([], [])

export async function runDemo(context: Context): Promise<number> {
  const { settings, progress, signal } = context
  if (settings.get('serve') === true) return (await import('./serve-demo.js')).serveDemo(context)
  const folder = settings.text('out') ?? 'out'
  const server = await startFakeOptimize({ records: (settings.get('records') ?? 20_000) as number })
  progress.note(`a server with ${pluralize(server.ids().length, 'process instance')} runs at ${server.url}`)
  try {
    await createOutputFolder(folder)
    if (settings.get('load') === true) return await runLoadDemo(server, folder, context)
    const results: ReportResult[] = []
    for (const format of ['csv', 'parquet'] as const) {
      const records = {
        path: resolve(folder, `instances.${format}`),
        format,
        gzip: false,
        receiptPlace: 'folder',
      } as const
      const access = { baseUrl: server.url, accessToken: server.token }
      const report = { reportId: server.reportId, targets: { records, events: undefined }, access }
      const result = await attemptExport(report, { ...context, settings: noSettings })
      if (result.exitCode !== exit.complete) signal.throwIfAborted()
      results.push(result)
    }
    return printResults(results, context)
  } finally {
    await server.close()
  }
}

const DEMO_QUERY = `SELECT flow_node_name, count(*) AS times, count(DISTINCT process_instance_id) AS instances
FROM order_events GROUP BY ALL ORDER BY times DESC, flow_node_name LIMIT 5`

async function runLoadDemo({ url, token, reportId }: FakeOptimize, folder: string, context: Context): Promise<number> {
  const { settings, progress, stdout, printJson, signal } = context
  const path = join(folder, 'optimize.duckdb')
  const values = { into: `duckdb:${path}`, table: 'orders', events: 'order_events' }
  const demoSettings = new Settings([{ from: 'command', values }], [tableFlags, eventTableFlags])
  const load = await loadTable(reportId, { baseUrl: url, accessToken: token }, { ...context, settings: demoSettings })
  const session = await createDestination(demoSettings).connect({ signal, commitsNothing: true })
  const rows = await session.query(DEMO_QUERY).finally(() => session.close())
  if (settings.get('json') === true) printJson({ complete: load.complete, load, rows: rows.map(toTexts) })
  else stdout.write(`${DEMO_QUERY};\n${formatTextTable(rows.map(toTexts))}`)
  progress.note(`the same with your Optimize: optimize-export load --report ID --table orders --into duckdb:${path}`)
  return exit.complete
}

const toTexts = (row: Readonly<Record<string, unknown>>) =>
  Object.fromEntries(Object.entries(row).map(([name, value]) => [name, String(value)]))

function formatTextTable(rows: readonly Readonly<Record<string, string>>[]): string {
  const names = Object.keys(rows[0] ?? {})
  const lines = [Object.fromEntries(names.map((name) => [name, name])), ...rows]
  const widths = names.map((name) => Math.max(...lines.map((line) => line[name]!.length)))
  const formatLine = (line: Readonly<Record<string, string>>) =>
    names
      .map((name, index) => escapeLine(line[name]!).padEnd(widths[index]!))
      .join('  ')
      .trimEnd()
  return lines.map((line) => `${formatLine(line)}\n`).join('')
}

function printResults(results: readonly ReportResult[], { settings, printJson, progress }: Context): number {
  const failed = results.find(({ exitCode }) => exitCode !== exit.complete)
  const outcomes = results.map(({ outcome }) => outcome)
  if (settings.get('json') === true) printJson({ complete: failed === undefined, reports: outcomes })
  if (failed) return failed.exitCode
  for (const { file, receipt } of outcomes) progress.note(`  ${String(file)}, its receipt ${String(receipt)}`)
  progress.note('with your Optimize: OPTIMIZE_URL=… OPTIMIZE_TOKEN=… optimize-export inspect --report ID')
  return exit.complete
}
