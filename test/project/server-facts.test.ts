// Each fact about the server has one number in docs/server.md, and each citation in the code names a number that exists.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'

const root = join(import.meta.dirname, '../..')
const page = readFileSync(join(root, 'docs/server.md'), 'utf8')
const facts = [...page.matchAll(/^\| (\d+\.\d+)\b/gm)].map(([, number]) => number!)
const sections = [...page.matchAll(/^## (\d+)\. /gm)].map(([, number]) => number!)

const files = readdirSync(join(root, 'lib'), { recursive: true, encoding: 'utf8' }).filter((name) =>
  name.endsWith('.ts'),
)
const citations = files.flatMap((file) => {
  const text = readFileSync(join(root, 'lib', file), 'utf8').replaceAll(/\n\s*(\/\/|\*) /g, ' ')
  return [...text.matchAll(/docs\/server\.md ([^).;:]*(?:\.\d[^).;:]*)*)/g)].map(([, cited]) => ({
    file,
    cited: cited!,
  }))
})

t.test('each fact has a number of its own', async (t) => {
  t.strictSame(facts, [...new Set(facts)])
  t.ok(facts.length > 50)
})

t.test('each citation names a fact or a section that exists', async (t) => {
  t.ok(citations.length > 10)
  const unknown = citations.flatMap(({ file, cited }) =>
    (cited.match(/\d+(\.\d+)?/g) ?? ['no number'])
      .filter((number) => !facts.includes(number) && !sections.includes(number))
      .map((number) => `${file}: ${number}`),
  )
  t.strictSame(unknown, [])
})

t.test('npm run proof:engine checks exactly the facts that are marked as seen', async (t) => {
  const folder = join(root, 'test/proofs/engine')
  const proofs = readdirSync(folder).filter((name) => name.startsWith('facts-of-'))
  const looked = proofs.flatMap((name) =>
    [...readFileSync(join(folder, name), 'utf8').matchAll(/(?:numbers: |onShards\(\s*)\[([^\]]+)\]/g)].flatMap(
      ([, list]) => list!.match(/\d+\.\d+/g)!,
    ),
  )
  const seen = [...page.matchAll(/^\| (\d+\.\d+)\b.*\| (?:read, )?seen +\|/gm)].map(([, number]) => number!)
  t.strictSame([...new Set(looked)].sort(), seen.sort())
})

t.test('no file cites optimize-server.md, which is not in the repository', async (t) => {
  const elsewhere = files.filter((file) => /optimize-server\.md/.test(readFileSync(join(root, 'lib', file), 'utf8')))
  t.strictSame(elsewhere, [])
})
