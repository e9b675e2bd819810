// The proofs that compile and run the package use all of its exports, and a proof tries a failed download again.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import * as library from '../../lib/index.js'
import * as testing from '../../lib/testing/index.js'
import { download } from '../proofs/support/download.js'
import { root } from '../support/root.js'

const textOf = (path: string) => readFileSync(join(root, path), 'utf8')
const isIn = (text: string) => (name: string) => new RegExp(`\\b${name}\\b`).test(text)

/** Returns the names that a file re-exports, including those of types. */
function exportsOf(path: string): string[] {
  const lists = [...textOf(path).matchAll(/^export (?:type )?\{([^}]+)\}/gm)].map(([, list]) => list!)
  return lists
    .flatMap((list) => list.split(',').map((name) => name.replace(/^\s*type\s|\w+ as /g, '').trim()))
    .filter(Boolean)
}

t.test('proof:types compiles each name that the library and the fake server export', async (t) => {
  const isCompiled = isIn(textOf('test/proofs/types/consumers/everything.ts'))
  for (const path of ['lib/index.ts', 'lib/testing/index.ts']) {
    const names = exportsOf(path)
    t.ok(names.length >= Object.keys(testing).length)
    t.strictSame(
      names.filter((name) => !isCompiled(name)),
      [],
      path,
    )
  }
})

t.test('proof:nodes runs each value that the library and the fake server export', async (t) => {
  const isRun = isIn(textOf('test/proofs/nodes/smoke.ts').replace(/^import .*$/gm, ''))
  const names = [...Object.keys(library), ...Object.keys(testing)]
  t.strictSame(
    names.filter((name) => !isRun(name)),
    [],
  )
})

t.test('a download of a proof is tried again, and the last failure is the error', (t) => {
  const log = join(t.testdir(), 'tries')
  /** Returns the command line of a program that fails until it has run this many times. */
  const succeedsAt = (tries: number): [string, ...string[]] => [
    process.execPath,
    ...[
      '-e',
      "fs.appendFileSync(process.argv[1], 'x'); process.exit(+(fs.statSync(process.argv[1]).size < process.argv[2]))",
    ],
    ...[log, String(tries)],
  ]
  download(succeedsAt(3), { pauses: [0, 0, 0] })
  t.equal(readFileSync(log, 'utf8').length, 3)
  t.throws(() => download(succeedsAt(9), { pauses: [0, 0] }), { message: /failed with 1/ })
  t.equal(readFileSync(log, 'utf8').length, 6)
  t.throws(() => download(['no-such-program']), { message: /no-such-program is needed/ })
  t.end()
})
