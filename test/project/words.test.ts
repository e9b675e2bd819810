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
    const words = listNames(sources)
    const names = [...text.matchAll(/`([^`\n]+)`/g)].map(([, code]) => code!).filter(isName)
    t.ok(names.length > 10)
    t.strictSame(
      names.filter((name) => !name.split('.').every((word) => words.has(word))),
      [],
    )
  })

t.test('docs/changes.md names the file in which a name is: `name` in `file.ts`, or `file.ts` (`name`)', async (t) => {
  const text = readFileSync(join(root, 'docs/changes.md'), 'utf8').replaceAll(/\s+/g, ' ')
  const patterns = [
    /(?<names>(?:`[^`\s]+`(?:, and|,| and)? )+)(?:in|of) `(?<file>[^`\s]+\.(?:ts|js))`/g,
    /`(?<file>[^`\s]+\.(?:ts|js))` \((?<names>`[^`\s]+`(?:(?:, and|,| and) `[^`\s]+`)*)\)/g,
  ]
  const places = patterns.flatMap((pattern) =>
    [...text.matchAll(pattern)].flatMap(({ groups }) =>
      [...groups!['names']!.matchAll(/`([^`]+)`/g)].map(([, name]) => ({ name: name!, file: groups!['file']! })),
    ),
  )
  t.ok(places.length > 300, `${places.length} names`)
  t.strictSame(
    places.filter(({ name, file }) => {
      const words = listNames(sources.filter((source) => `/${source}`.endsWith(`/${file}`)))
      return isName(name) && !name.split('.').every((word) => words.has(word))
    }),
    [],
  )
})

/** True for the code of a name: `camelCase`, `PascalCase`, `CONSTANT_CASE`, `#private` or `a.b`; not for a file or a `snake_case` word. */
function isName(code: string): boolean {
  return /^#?(?:[A-Z][A-Z\d_]*|[A-Za-z][A-Za-z\d]*)(?:\.[A-Za-z]\w*)*$/.test(code) && !/\.(?:ts|js|json)$/.test(code)
}

/** Returns the words in the code of files. The words of comments and of texts with a blank are no names. */
function listNames(files: readonly string[]): Set<string> {
  const code = files.map((file) => readFileSync(join(root, file), 'utf8')).join('\n')
  const withoutComments = code.replaceAll(/\/\*.*?\*\//gs, '').replaceAll(/(?<=^|\s)\/\/.*/gm, '')
  const withoutTexts = withoutComments.replaceAll(/'(?:[^'\\\n]|\\.)*'/g, (text) => (text.includes(' ') ? '' : text))
  return new Set(withoutTexts.match(/#?[\w$]+/g))
}
