// Python's standard library (python.py): http.client, json, csv. It measures itself, so that its start does not count either.
import { spawnSync } from 'node:child_process'
import type { CaseInput, Outcome, Work } from '../harness/case-types.js'
import { getSourcePath } from '../harness/folders.js'
import { readFirstPage } from '../case-helpers/columns.js'

export async function open(input: CaseInput): Promise<Work> {
  const { columns } = await readFirstPage(input)
  const script = getSourcePath('cases/python.py')
  return () => {
    const result = spawnSync('python3', [script], { input: JSON.stringify({ ...input, columns }), encoding: 'utf8' })
    if (result.status !== 0) throw new Error(`python.py failed: ${result.stderr}`)
    return Promise.resolve(JSON.parse(result.stdout) as Outcome)
  }
}
