// `optimize-export demo --serve`: a fake Optimize with realistic reports that runs until a signal ends it.
import { once } from 'node:events'
import { createSampleReports, startFakeOptimize, type SampleReports } from '../../testing/index.js'
import type { Context } from '../context.js'
import { escapeLines } from '../output/format-text.js'

/** Runs the server until the signal is aborted, and then rejects with the reason of the signal. */
export async function serveDemo({ settings, stdout, signal }: Context): Promise<never> {
  const samples = createSampleReports({ records: settings.get('records') as number | undefined })
  const server = await startFakeOptimize({ ...samples, port: settings.get('port') as number | undefined })
  try {
    stdout.write(escapeLines(describeServer(server.url, server.token, samples)))
    if (!signal.aborted) await once(signal, 'abort')
    throw signal.reason
  } finally {
    await server.close()
  }
}

function describeServer(url: string, token: string, { reports, collections }: SampleReports): string {
  const [collectionId] = Object.keys(collections)
  const ids = Object.keys(reports)
  const width = Math.max(...ids.map((id) => id.length))
  return [
    `A fake Optimize runs at ${url} until Ctrl-C. In another terminal:`,
    '',
    `  export OPTIMIZE_URL=${url} OPTIMIZE_TOKEN=${token}`,
    `  optimize-export inspect --report ${ids[0]!}`,
    `  optimize-export export --report ${ids[0]!} --out orders.xlsx --timezone Europe/Berlin`,
    `  optimize-export load --report ${ids[0]!} --table orders --into duckdb:warehouse.duckdb`,
    `  optimize-export init --collection ${collectionId!} > jobs.yaml`,
    '',
    'Its reports:',
    ...ids.map((id) => `  ${id.padEnd(width)}  ${reports[id]!.name!}`),
    '',
  ].join('\n')
}
