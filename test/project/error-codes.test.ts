import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { commandCodes } from '../support/command/command-codes.js'

const root = join(import.meta.dirname, '../..')
const codesIn = (text: string) => new Set([...text.matchAll(/ERR_[A-Z_]+/g)].map(([code]) => code))

function* sources(): Generator<string> {
  for (const file of readdirSync(join(root, 'lib'), { recursive: true, encoding: 'utf8' })) {
    if (file.endsWith('.ts') && !file.startsWith('testing') && file !== 'errors.ts') {
      yield readFileSync(join(root, 'lib', file), 'utf8').replace(/\/\*\*[\s\S]*?\*\/|\/\/.*/g, '')
    }
  }
}

const declared = codesIn(readFileSync(join(root, 'lib/shared/errors.ts'), 'utf8'))
const thrown = codesIn([...sources()].join('\n'))
// codes of Node.js
const foreign = [
  'ERR_TLS_',
  'ERR_TLS_CERT_',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'ERR_SSL',
  'ERR_SSL_',
  'ERR_CONNECT_TIMEOUT',
  'ERR_INVALID_PROTOCOL',
  'ERR_STREAM_DESTROYED',
  'ERR_STREAM_PREMATURE_CLOSE',
  'ERR_MODULE_NOT_FOUND',
  'ERR_STRING_TOO_LONG',
]
const ours = (codes: Set<string>) => [...codes].filter((code) => ![...foreign, ...commandCodes].includes(code)).sort()

t.test('every declared code is thrown somewhere, and no other code is', async (t) => {
  t.strictSame(ours(new Set([...thrown, 'ERR_OPTION'])), ours(declared))
})

t.test('the reference has every code of the command', async (t) => {
  const reference = readFileSync(join(root, 'docs/reference.md'), 'utf8')
  t.strictSame(
    commandCodes.filter((code) => !thrown.has(code) || !reference.includes(code)),
    [],
  )
})
