// Words that an earlier version of the code used in a meaning of its own, and phrases that readers stumbled over, with the words to
// use instead.
import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import t from 'tap'
import { documents } from '../support/project/documents.js'
import { root } from '../support/root.js'

const replacements: readonly (readonly [words: readonly string[], replacement: string])[] = [
  [['house', 'wing'], 'architecture, side'],
  [['door', 'doors'], 'public entry point'],
  [['doorkeeper'], 'sole importer'],
  [['lease', 'leases'], 'keep-alive'],
  [['lookahead'], 'prefetch'],
  [['taker', 'takers'], 'page consumer'],
  [['lent'], 'page in flight'],
  [['seen-set'], 'key deduplicator'],
  [['outline', 'lesson'], 'layout template, new layout'],
  [['stranger', 'strangers', 'walkable'], 'unknown element, generic'],
  [['witness', 'witnesses', 'ballot'], 'example row, type observation'],
  [['breath'], 'time slicer'],
  [['anew'], 'again'],
  [['by way of'], 'through'],
  [['nobody', 'whoever'], 'no user, the caller, or the name of the part of the code'],
  [['is to be had'], 'is available'],
]
const words = replacements.flatMap(([listed]) => listed)

/** Finds a word also as a part of an identifier: `leaseSeconds`, `openDoor`, `LEASE_MS`. */
const pattern = new RegExp(
  words
    .map((word) => {
      const capitalized = word[0]!.toUpperCase() + word.slice(1)
      return `(?<![A-Za-z])${word}(?![a-z])|${capitalized}(?![a-z])|(?<![A-Z])${word.toUpperCase()}(?![A-Z])`
    })
    .join('|'),
)

const findReplacement = (match: string) => replacements.find(([listed]) => listed.includes(match.toLowerCase()))?.[1]

const sources = ['lib', 'test', 'bench'].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !/node_modules|[\\/]\.build[\\/]/.test(file))
    .map((file) => join(folder, file)),
)

t.test('the code and the documents use the terms of the field', async (t) => {
  const own = ['kernel-bytes.ts', basename(import.meta.filename)]
  for (const file of [...sources.filter((file) => !own.includes(basename(file))), ...documents, 'CHANGELOG.md']) {
    const lines = readFileSync(join(root, file), 'utf8').split('\n')
    const found = lines.flatMap((line, at) => {
      const [match] = pattern.exec(line) ?? []
      return match === undefined ? [] : [`${file}:${at + 1}: ${match}: use ${findReplacement(match)}: ${line.trim()}`]
    })
    if (found.length > 0) t.fail(found.join('\n'))
  }
  t.ok(sources.length > 200, `${sources.length} files`)
})

t.test('no comment begins with What, which is understood only at the end of the sentence', async (t) => {
  const comments = /^\s*(?:\/\/|\*|\/\*\*)\s*(?:What|Who)\b.*/gm
  t.strictSame(
    sources.flatMap((file) =>
      (readFileSync(join(root, file), 'utf8').match(comments) ?? []).map((found) => `${file}: ${found}`),
    ),
    [],
  )
})

for (const page of ['docs/architecture.md', 'docs/changes.md'])
  t.test(`${page} names files and code that exist`, async (t) => {
    const text = readFileSync(join(root, page), 'utf8')
    const files = [...text.matchAll(/`((?:[\w-]+\/)*[\w-]+\.(?:ts|js))`/g)].map(([, file]) => file!)
    t.ok(files.length > 40)
    const unknownFiles = files.filter((name) => !sources.some((file) => `/${file}`.endsWith(`/${name}`)))
    t.strictSame(
      unknownFiles.filter((name) => name.endsWith('.ts')),
      [],
    )
    const code = sources.map((file) => readFileSync(join(root, file), 'utf8')).join('\n')
    const words = new Set(code.match(/[\w$]+/g))
    const names = [...text.matchAll(/`#?([a-z]\w*[A-Z]\w*)`/g)].map(([, name]) => name!)
    t.ok(names.length > 0)
    t.strictSame(
      names.filter((name) => !words.has(name)),
      [],
    )
  })
