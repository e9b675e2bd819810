import { readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join, relative } from 'node:path'
import t from 'tap'
import ts from 'typescript'

const lib = join(import.meta.dirname, '../../lib')
const files = readdirSync(lib, { recursive: true, encoding: 'utf8' }).filter((file) => /(?<!\.d)\.ts$/.test(file))

const source = ['http', 'pagination', 'records']
const sink = ['schema', 'transforms', 'encode', 'files', 'datasets', 'stores']

/** The layers from low to high, each with all layers that its files import. */
const layers: Record<string, readonly string[]> = {
  shared: [],
  spans: ['shared'],
  pages: ['shared', 'spans'],
  leaves: [],
  'fastpath/common': ['shared', 'spans'],
  'fastpath/scan': ['shared', 'spans', 'fastpath/common'],
  'fastpath/rows': ['shared', 'spans', 'fastpath/scan'],
  'fastpath/csv': ['shared', 'spans', 'fastpath/common'],
  'fastpath/json': ['shared', 'spans', 'fastpath/common'],
  'fastpath/objects': ['shared', 'spans', 'fastpath/common'],
  'fastpath/parquet': ['shared', 'spans', 'leaves', 'fastpath/common'],
  http: ['shared'],
  pagination: ['shared', 'spans', 'pages', 'fastpath/scan', 'http'],
  records: ['shared', 'spans', 'pages', 'fastpath/objects', 'pagination'],
  schema: ['shared'],
  transforms: ['shared', 'spans', 'pages', 'fastpath/rows', 'schema'],
  encode: [
    'shared',
    'spans',
    'pages',
    'leaves',
    'fastpath/common',
    'fastpath/scan',
    'fastpath/rows',
    'fastpath/csv',
    'fastpath/json',
    'fastpath/parquet',
    'schema',
  ],
  files: ['shared'],
  datasets: ['shared', 'spans', 'pages', 'fastpath/scan', 'schema', 'encode', 'files'],
  api: ['shared', 'spans', 'pages', 'fastpath/scan', 'http', 'pagination', 'records'],
  load: ['shared', 'pagination', 'schema', 'transforms', 'encode', 'files', 'api'],
  destinations: ['shared', 'schema', 'encode', 'load'],
  stores: ['shared', 'files'],
  formats: ['shared', 'leaves', 'schema', 'encode'],
  index: ['shared', 'http', 'pagination', 'schema', 'transforms', 'encode', 'files', 'datasets', 'api', 'load'],
  testing: ['shared'],
  cli: ['shared', 'schema', 'encode', 'files', 'load', 'index', 'testing', 'destinations', 'stores', 'formats'],
}

/** The files of the fast path that the other layers import. */
const fastPathInterface: Record<string, readonly string[]> = {
  'fastpath/common': ['webassembly.ts'],
  'fastpath/scan': ['array-scanner.ts'],
  'fastpath/rows': ['row-maker.ts'],
  'fastpath/csv': ['csv-kernel.ts', 'kernel/csv-kernel-memory.ts'],
  'fastpath/json': ['json-kernel.ts', 'json-template.ts'],
  'fastpath/objects': ['record-parser.ts'],
  'fastpath/parquet': ['chunk-kernel.ts', 'wasm-column-chunk-builder.ts'],
}

/** Returns the layer of a file: its folder in lib, or its own name. */
function getLayer(file: string): string {
  const [folder, subfolder] = file.split('/')
  return folder === 'fastpath' ? `${folder}/${subfolder!}` : folder!.replace(/\.ts$/, '')
}

function listSpecifiers(file: string): string[] {
  const { importedFiles } = ts.preProcessFile(readFileSync(join(lib, file), 'utf8'))
  return importedFiles.map(({ fileName }) => fileName)
}

const imports = files.flatMap((file) =>
  listSpecifiers(file)
    .filter((specifier) => specifier.startsWith('.'))
    .map((specifier) => ({
      file,
      imported: relative(lib, join(lib, dirname(file), specifier)).replace(/(\.js)?$/, '.ts'),
    })),
)
const listImports = (found: typeof imports) => found.map(({ file, imported }) => `${file} imports ${imported}`)

t.test('every file is in a layer, and every import is a file', async (t) => {
  t.strictSame(
    files.filter((file) => layers[getLayer(file)] === undefined),
    [],
  )
  const isFile = (path: string) => files.includes(path) || files.includes(path.replace(/\.ts$/, '.d.ts'))
  t.strictSame(
    listImports(imports.filter(({ imported }) => !isFile(imported) && !imported.endsWith('kernel-bytes.ts'))),
    [],
  )
})

t.test('a file imports its own layer or the lower layers in the table', async (t) => {
  const order = Object.keys(layers)
  for (const [layer, lower] of Object.entries(layers)) {
    t.ok(
      lower.every((other) => order.indexOf(other) < order.indexOf(layer)),
      `${layer} imports lower layers only`,
    )
  }
  const isAllowed = (from: string, to: string) => from === to || layers[from]!.includes(to)
  for (const { file, imported } of imports.filter((one) => !isAllowed(getLayer(one.file), getLayer(one.imported)))) {
    const allowed = layers[getLayer(file)]!.join(', ')
    t.fail(`${file} imports ${imported}; its layer may import ${allowed} (the table at the top of this file)`)
  }
})

t.test('each layer in the table is really imported', async (t) => {
  const used = new Set(imports.map(({ file, imported }) => `${getLayer(file)} imports ${getLayer(imported)}`))
  const listed = Object.entries(layers).flatMap(([layer, lower]) => lower.map((other) => `${layer} imports ${other}`))
  t.strictSame(
    listed.filter((pair) => !used.has(pair)),
    [],
  )
})

t.test('the source and the sink share the hand-over of pages, and neither imports the other', async (t) => {
  for (const [side, other] of [
    [source, sink],
    [sink, source],
  ] as const) {
    t.strictSame(
      listImports(
        imports.filter(({ file, imported }) => side.includes(getLayer(file)) && other.includes(getLayer(imported))),
      ),
      [],
    )
  }
  t.strictSame(
    imports
      .filter(({ imported }) => imported === 'pages/page-hand-over.ts')
      .map(({ file }) => file)
      .sort(),
    [
      'api/export-stream.ts',
      'datasets/dataset-file-writer.ts',
      'datasets/dataset-stream.ts',
      'encode/encoder-stream.ts',
      'encode/record-encoder.ts',
      'encode/typed/file-metadata.ts',
      'pages/page-consumers.ts',
      'pages/page-receiver.ts',
      'records/record-stream.ts',
      'transforms/row-stream.ts',
    ],
  )
})

t.test('the fast path is imported through few files', async (t) => {
  const through = new Map(Object.keys(fastPathInterface).map((layer) => [layer, new Set<string>()]))
  for (const { file, imported } of imports) {
    if (file.startsWith('fastpath/')) continue
    const layer = getLayer(imported)
    through.get(layer)?.add(imported.slice(layer.length + 1))
  }
  for (const [layer, names] of through) t.strictSame([...names].sort(), [...fastPathInterface[layer]!], layer)
  t.strictSame(
    [
      ...new Set(imports.filter(({ imported }) => getLayer(imported) === 'fastpath/csv').map(({ file }) => file)),
    ].filter((file) => getLayer(file) !== 'fastpath/csv'),
    ['encode/csv/rows/wasm-row-writer.ts'],
  )
})

/** The files of lib that commands load, but not the start of the command line. */
const laterFiles = [
  'encode/gzip-files.ts',
  'files/claimed-paths.ts',
  'files/file-facts.ts',
  'files/local/disk.ts',
  'files/receipt.ts',
  'load/load-options.ts',
  'load/table-name.ts',
  'shared/secrets/bearer-token.ts',
  'shared/map-concurrently.ts',
  'shared/streams/branches.ts',
]

/** The files of lib that the start of the command loads: what its flags, help and messages contain. */
const startFiles = [
  'encode/parquet/bytes/codecs.ts',
  'load/load-modes.ts',
  'schema/types/column-type.ts',
  'shared/certificate-error.ts',
  'shared/errors.ts',
  'shared/find-nearest.ts',
  'shared/package-version.ts',
  'shared/system-errors.ts',
  'shared/units.ts',
]

/** Constants and texts that the commands share with the library. */
const constants = [
  'shared/dataset-formats.ts',
  'shared/export-events.ts',
  'shared/manifest-name.ts',
  'shared/milliseconds.ts',
  'shared/reports/definitions.ts',
  'shared/source-defaults.ts',
]

t.test('the command line imports the public entry points, constants and few other files', async (t) => {
  const entryPoints = [
    'index.ts',
    'testing/index.ts',
    'destinations/duckdb/index.ts',
    'destinations/postgres/index.ts',
    'formats/arrow/index.ts',
    'formats/mining/index.ts',
    'formats/singer/index.ts',
    'formats/xlsx/index.ts',
    'stores/s3/index.ts',
  ]
  const fromCli = imports.filter(({ file, imported }) => getLayer(file) === 'cli' && getLayer(imported) !== 'cli')
  const others = fromCli.filter(({ imported }) => !entryPoints.includes(imported))
  t.strictSame(
    [...new Set(others.map(({ imported }) => imported))].sort(),
    [...startFiles, ...laterFiles, ...constants].sort(),
  )
})

t.test('the start of the command loads the command line and what its flags need, not the library', async (t) => {
  const loaded = new Set(['cli/main.ts'])
  for (const file of loaded) for (const imported of listStaticImports(file)) loaded.add(imported)
  const outside = [...loaded].filter((file) => getLayer(file) !== 'cli')
  t.strictSame(
    outside.sort(),
    [...startFiles, 'shared/describe-value.ts', 'shared/milliseconds.ts', 'shared/options.ts'].sort(),
  )
  t.notMatch([...loaded], [/commands/])
})

t.test('the commands are imported by the list of commands and by each other, by no other file', async (t) => {
  const isCommand = (file: string) => file.startsWith('cli/commands/')
  const importers = imports.filter(({ file, imported }) => isCommand(imported) && !isCommand(file))
  t.strictSame([...new Set(importers.map(({ file }) => file))], ['cli/program.ts'])
})

/** Returns the files of lib that a file loads when it starts: no types, and no `import()`. */
function listStaticImports(file: string): string[] {
  const { statements } = ts.createSourceFile(file, readFileSync(join(lib, file), 'utf8'), ts.ScriptTarget.Latest)
  return statements.flatMap((statement) => {
    if (!ts.isImportDeclaration(statement) && !ts.isExportDeclaration(statement)) return []
    const { moduleSpecifier: specifier } = statement
    const isType = ts.isImportDeclaration(statement) ? isTypeImport(statement) : statement.isTypeOnly
    if (isType || !specifier || !ts.isStringLiteral(specifier) || !specifier.text.startsWith('.')) return []
    return [relative(lib, join(lib, dirname(file), specifier.text)).replace(/\.js$/, '.ts')]
  })
}

function isTypeImport({ importClause }: ts.ImportDeclaration): boolean {
  if (!importClause) return false
  if (importClause.phaseModifier === ts.SyntaxKind.TypeKeyword) return true
  const { name, namedBindings } = importClause
  if (name || !namedBindings || ts.isNamespaceImport(namedBindings)) return false
  return namedBindings.elements.every(({ isTypeOnly }) => isTypeOnly)
}

t.test('no two files have the same name', async (t) => {
  const byName = new Map<string, string[]>()
  for (const file of files) {
    const name = basename(file)
    byName.set(name, [...(byName.get(name) ?? []), file])
  }
  // the entry points, and the compiled bytes of each kernel
  for (const name of ['index.ts', 'kernel-bytes.ts']) byName.delete(name)
  t.strictSame(
    [...byName.values()].filter(({ length }) => length > 1),
    [],
  )
})

t.test('every npm package is imported by one file', async (t) => {
  const importers = new Map<string, Set<string>>()
  for (const file of files) {
    for (const specifier of listSpecifiers(file)) {
      if (specifier.startsWith('.') || specifier.startsWith('node:')) continue
      const name = specifier.replace(/^(@[^/]+\/[^/]+|[^/]+).*$/, '$1')
      importers.set(name, (importers.get(name) ?? new Set()).add(file))
    }
  }
  const manifest = JSON.parse(readFileSync(join(lib, '../package.json'), 'utf8')) as {
    dependencies: Record<string, string>
    peerDependencies: Record<string, string>
  }
  t.strictSame(
    [...importers.keys()].sort(),
    Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies }).sort(),
    'each dependency is used, and no other',
  )
  for (const [name, importing] of importers) {
    t.equal(importing.size, 1, `${name} is imported by ${[...importing].join(', ')}`)
  }
})
