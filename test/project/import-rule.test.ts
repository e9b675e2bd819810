import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import t from 'tap'
import ts from 'typescript'

const lib = join(import.meta.dirname, '../../lib')
const files = readdirSync(lib, { recursive: true, encoding: 'utf8' }).filter((file) => /(?<!\.d)\.ts$/.test(file))

const floors: Record<string, number> = {
  types: 0,
  'typed-readable': 0,
  'typed-duplex': 0,
  errors: 0,
  options: 0,
  json: 0,
  'json-text': 0,
  digits: 0,
  diagnostics: 0,
  attachment: 0,
  silence: 0,
  reports: 1,
  http: 1,
  scan: 2,
  pages: 3,
  rows: 3,
  records: 4,
  transforms: 4,
  encoders: 4,
  files: 4,
  'source-options': 5,
  'open-report': 5,
  'export-stream': 5,
  'export-pages': 5,
  'list-reports': 5,
  index: 6,
  testing: 7,
  cli: 8,
}
const wings: Record<string, 'source' | 'sink'> = {
  http: 'source',
  pages: 'source',
  records: 'source',
  rows: 'sink',
  transforms: 'sink',
  encoders: 'sink',
  files: 'sink',
}

/** The room a file lives in: its folder below lib, or its own name. */
const roomOf = (file: string) => file.split('/')[0]!.replace(/\.ts$/, '')

function importsOf(file: string): string[] {
  const { importedFiles } = ts.preProcessFile(readFileSync(join(lib, file), 'utf8'))
  return importedFiles.map(({ fileName }) => fileName)
}

const roomsImportedBy = (file: string) =>
  importsOf(file)
    .filter((specifier) => specifier.startsWith('.'))
    .map((specifier) => roomOf(relative(lib, join(lib, dirname(file), specifier)).replace(/\.js$/, '.ts')))

t.test('every file has a room on the map', async (t) => {
  t.strictSame(
    files.map(roomOf).filter((room) => floors[room] === undefined),
    [],
  )
})

t.test('a file imports a lower floor or its own folder', async (t) => {
  const wrong = files.flatMap((file) => {
    const room = roomOf(file)
    const isBesideIt = (other: string) =>
      !file.includes('/') && files.includes(`${other}.ts`) && floors[other] === floors[room]
    const mayImport = (other: string) => other === room || floors[other]! < floors[room]! || isBesideIt(other)
    return roomsImportedBy(file)
      .filter((other) => !mayImport(other))
      .map((other) => `${file} imports ${other}`)
  })
  t.strictSame(wrong, [])
})

t.test('the two wings never meet', async (t) => {
  const wrong = files.flatMap((file) => {
    const wing = wings[roomOf(file)]
    return roomsImportedBy(file)
      .filter((other) => wing !== undefined && wings[other] !== undefined && wings[other] !== wing)
      .map((other) => `${file} imports ${other}`)
  })
  t.strictSame(wrong, [])
})

t.test('the command line imports the door and the fake server only', async (t) => {
  const wrong = files
    .filter((file) => roomOf(file) === 'cli')
    .flatMap((file) => roomsImportedBy(file).map((other) => ({ file, other })))
    .filter(({ other }) => !['cli', 'index', 'testing'].includes(other))
  t.strictSame(wrong, [])
})

t.test('every npm package has one doorkeeper', async (t) => {
  const keepers = new Map<string, Set<string>>()
  for (const file of files) {
    for (const specifier of importsOf(file)) {
      if (specifier.startsWith('.') || specifier.startsWith('node:')) continue
      const name = specifier.replace(/^(@[^/]+\/[^/]+|[^/]+).*$/, '$1')
      keepers.set(name, (keepers.get(name) ?? new Set()).add(file))
    }
  }
  const manifest = JSON.parse(readFileSync(join(lib, '../package.json'), 'utf8')) as {
    dependencies: Record<string, string>
  }
  t.strictSame(
    [...keepers.keys()].sort(),
    Object.keys(manifest.dependencies).sort(),
    'each dependency is used, and no other',
  )
  for (const [name, at] of keepers) t.equal(at.size, 1, `${name} is imported by ${[...at].join(', ')}`)
})
