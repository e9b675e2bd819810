// Outputs that are not ended when the process has nothing left to do: an error instead of files that are missing without one.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { runChild } from '../support/children/run-child.js'

const ways = [
  ['a file', ['atomicFile: cannot finish a.txt: the stream was not ended']],
  ['a dataset', ['toDataset: cannot finish d/_manifest.json: the stream was not ended']],
  ['an unused file of a group', ['atomicFiles: cannot finish b.txt: nothing was written to it']],
  [
    'files of a group',
    ['a.txt', 'b.txt', 'c.txt'].map((name) => `atomicFiles: cannot finish ${name}: the stream was not ended`),
  ],
] as const

for (const [way, messages] of ways)
  t.test(`${way}: the process reports each stream that was not ended, and leaves the earlier files`, async (t) => {
    const folder = t.testdir({ 'a.txt': 'earlier' })
    const child = runChild('unfinished-child.ts', [folder, way])
    const lines = (await child.ended).replaceAll(`${folder}/`, '').trim().split('\n')
    t.strictSame(lines.sort(), messages)
    t.equal(child.process.exitCode, 1)
    t.strictSame(readdirSync(folder, { recursive: true }), ['a.txt'])
    t.equal(readFileSync(join(folder, 'a.txt'), 'utf8'), 'earlier')
  })
