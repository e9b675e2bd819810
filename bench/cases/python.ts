// Python's standard library (python.py): http.client, json, csv. It measures itself, so that its start does not count either.
import { spawnSync } from 'node:child_process'
import type { CaseInput, Outcome, Work } from '../lab/case-types.js'
import { sourceFolder } from '../lab/folders.js'
import { firstPage } from '../peers/columns.js'

export async function open(input: CaseInput): Promise<Work> {
  const { columns } = await firstPage(input)
  const script = sourceFolder('cases/python.py')
  return () => {
    const ran = spawnSync('python3', [script], { input: JSON.stringify({ ...input, columns }), encoding: 'utf8' })
    if (ran.status !== 0) throw new Error(`python.py failed: ${ran.stderr}`)
    return Promise.resolve(JSON.parse(ran.stdout) as Outcome)
  }
}
