import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'

const root = join(import.meta.dirname, '../..')
const codesIn = (text: string) => new Set([...text.matchAll(/ERR_[A-Z_]+/g)].map(([code]) => code))

function* sources(): Generator<string> {
  for (const file of readdirSync(join(root, 'lib'), { recursive: true, encoding: 'utf8' })) {
    if (file.endsWith('.ts') && !file.startsWith('testing') && file !== 'errors.ts') {
      yield readFileSync(join(root, 'lib', file), 'utf8').replace(/\/\*\*[\s\S]*?\*\/|\/\/.*/g, '')
    }
  }
}

const declared = codesIn(readFileSync(join(root, 'lib/errors.ts'), 'utf8'))
const thrown = codesIn([...sources()].join('\n'))
// codes of Node that look like ours
const foreign = new Set(['ERR_TLS_', 'ERR_SSL_', 'ERR_CONNECT_TIMEOUT'])
const ours = (codes: Set<string>) => [...codes].filter((code) => !foreign.has(code)).sort()

t.test('every declared code is thrown somewhere, and no other', async (t) => {
  t.strictSame(ours(new Set([...thrown, 'ERR_OPTION'])), ours(declared))
})
