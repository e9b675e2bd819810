// The cases: a file to compile, its settings, and the expected result for each compiler.

export interface Compiler {
  /** As in package.json of this folder: `typescript-5.0`. */
  readonly version: string
  /** The newest @types/node that the compiler can read. Source: `typeScriptVersion` in its package.json. */
  readonly nodeTypes: string
}

export const compilers: readonly Compiler[] = [
  { version: '5.0', nodeTypes: '20.17' },
  { version: '5.4', nodeTypes: '20.19' },
  { version: '5.9', nodeTypes: '24' },
  { version: '6.0', nodeTypes: '26' },
  { version: '7.0', nodeTypes: '26' },
]

export interface Case {
  readonly title: string
  /** The file in consumers/, and the extension that the compiler sees. */
  readonly source: 'everything' | 'dynamic' | 'dynamic-types'
  readonly extension: 'mts' | 'cts' | 'ts'
  readonly settings: Readonly<Record<string, unknown>>
  /** Returns the errors of a compiler that refuses the file: the first one, and perhaps others; `'gone'` if it lacks the setting. */
  readonly refusal: (version: number) => readonly string[] | 'gone' | undefined
  /** True if a short run has the case: one case for each way to resolve a module. */
  readonly isInShortRun?: true
}

const never = () => undefined
const node10 = (module: string) => ({ module, moduleResolution: 'node10', lib: ['es2022'] })
/**
 * The errors for `require` of an ES module, TS1541 for types only: compilers before 5.8 do not know that Node.js supports it.
 * `node16` refuses it in all versions.
 */
const ESM_FROM_CJS = ['TS1479', 'TS1541']

export const cases: readonly Case[] = [
  {
    title: 'ESM node16',
    source: 'everything',
    extension: 'mts',
    settings: { module: 'node16', lib: ['es2022'] },
    refusal: never,
  },
  {
    title: 'ESM nodenext',
    source: 'everything',
    extension: 'mts',
    settings: { module: 'nodenext', lib: ['esnext'], exactOptionalPropertyTypes: true },
    refusal: never,
    isInShortRun: true,
  },
  {
    title: 'ESM bundler',
    source: 'everything',
    extension: 'ts',
    settings: { module: 'es2022', moduleResolution: 'bundler', lib: ['es2022', 'dom', 'dom.iterable'] },
    refusal: never,
    isInShortRun: true,
  },
  {
    title: 'ESM node10',
    source: 'everything',
    extension: 'ts',
    settings: node10('es2022'),
    refusal: (version) => (version >= 7 ? 'gone' : undefined),
  },
  {
    title: 'CJS nodenext',
    source: 'everything',
    extension: 'cts',
    settings: { module: 'nodenext', lib: ['es2022'] },
    refusal: (version) => (version < 5.8 ? ESM_FROM_CJS : undefined),
    isInShortRun: true,
  },
  {
    title: 'CJS node16 import()',
    source: 'dynamic',
    extension: 'cts',
    settings: { module: 'node16', lib: ['es2022'] },
    refusal: never,
  },
  {
    title: 'CJS node16 import type',
    source: 'dynamic-types',
    extension: 'cts',
    settings: { module: 'node16', lib: ['es2022'] },
    refusal: (version) => (version < 5.3 ? 'gone' : undefined),
  },
  {
    title: 'CJS node10',
    source: 'everything',
    extension: 'ts',
    settings: node10('commonjs'),
    refusal: (version) => (version >= 7 ? 'gone' : undefined),
    isInShortRun: true,
  },
]
