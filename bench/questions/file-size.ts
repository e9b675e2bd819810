// How large are our Parquet files, compared with those of DuckDB with the same rows, types and codec?
import { rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { ParquetOptions } from '../../lib/index.js'
import { runContest, type Contender } from '../harness/contest.js'
import { formatMarkdownTable } from '../harness/markdown.js'
import type { Answer, Question, BenchRun } from '../harness/question.js'
import { withServer, type BenchServer } from '../harness/server-process.js'
import { shapes } from '../harness/shapes.js'
import { formatMegabytes, formatInteger } from '../harness/statistics.js'

const MAX_SIZE_RATIO = 1.2
const codecs = ['snappy', 'gzip', 'uncompressed'] as const satisfies readonly ParquetOptions['codec'][]

export const fileSize: Question = {
  id: 'file-size',
  title: 'Size of Parquet files',
  async ask(run: BenchRun): Promise<Answer> {
    const records = run.quick ? 5000 : 100_000
    const rows: string[][] = []
    for (const { id, server: options } of shapes) {
      const sizes = await withServer(run.folder, { ...options, records }, (server) => compare(run, server))
      for (const { codec, ours, duckdb } of sizes) {
        const verdict = ours <= duckdb * MAX_SIZE_RATIO ? 'yes' : '**no**'
        rows.push([
          `${id}, ${codec}`,
          formatMegabytes(ours),
          formatMegabytes(duckdb),
          (ours / duckdb).toFixed(2),
          verdict,
        ])
      }
    }
    const method = `${formatInteger(records)} records. DuckDB reads our file and writes its rows again with its own defaults (row groups of 122,880 rows, ours have at most 50,000 or 16 MiB).`
    const head = ['', 'ours MB', 'DuckDB MB', 'ours / DuckDB', `≤ ${MAX_SIZE_RATIO}`]
    return { text: `${method}\n\n${formatMarkdownTable(head, rows)}`, figures: {} }
  },
}

async function compare(run: BenchRun, server: BenchServer) {
  const sizes: { codec: string; ours: number; duckdb: number }[] = []
  for (const codec of run.quick ? codecs.slice(0, 1) : codecs) {
    const [file, copy] = [join(run.folder, 'ours.parquet'), join(run.folder, 'duckdb.parquet')]
    const options = { format: 'parquet', parquet: { codec } } as const
    const contender: Contender = { label: codec, module: 'ours', options, outputFormat: 'parquet', keptPath: file }
    await runContest(run, server, [contender], 1)
    await run.inspector.copyParquet(file, copy, codec)
    sizes.push({ codec, ours: (await stat(file)).size, duckdb: (await stat(copy)).size })
    await Promise.all([rm(file), rm(copy)])
  }
  return sizes
}
