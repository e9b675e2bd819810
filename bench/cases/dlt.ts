// dlt with its rest_api source and a cursor paginator (dlt-load.py), into the DuckDB file `file`. It measures itself.
import { spawnSync } from 'node:child_process'
import type { CaseInput, Outcome, Work } from '../harness/case-types.js'
import { getSourcePath } from '../harness/folders.js'

export function open(input: CaseInput): Work {
  return () => {
    const argv = [getSourcePath('cases/dlt-load.py')]
    const result = spawnSync(process.env['BENCH_DLT']!, argv, { input: JSON.stringify(input), encoding: 'utf8' })
    if (result.status !== 0) throw new Error(`dlt-load.py failed: ${result.stderr}`)
    return Promise.resolve(JSON.parse(result.stdout.trim().split('\n').at(-1)!) as Outcome)
  }
}
