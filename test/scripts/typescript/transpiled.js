// Transpiles a TypeScript file by esbuild, as the package is built, and keeps the result in .tap by the hash of the text.
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(import.meta.dirname, '../../..')
const read = (path) => readFileSync(path, 'utf8')
const settings = read(join(root, 'tsconfig.json'))
const base = [read(import.meta.filename), settings, createRequire(import.meta.url)('esbuild/package.json').version]

/** The folder of the results. */
export const folder = join(root, '.tap/transpiled')
mkdirSync(folder, { recursive: true })

/** Returns the file name of the result for a text. */
export const nameOf = (url, code) =>
  createHash('sha256')
    .update(JSON.stringify([base, url, code]))
    .digest('hex')

/** The JavaScript of a TypeScript file, with its source map. */
export async function transpiled(url, code) {
  const path = join(folder, nameOf(url, code))
  try {
    return read(path)
  } catch {
    const text = await transpile(url, code)
    // written under another name first, because another process may read the file at the same time
    const part = `${path}.${process.pid}`
    writeFileSync(part, text)
    renameSync(part, path)
    return text
  }
}

async function transpile(url, code) {
  const { transform } = await import('esbuild')
  const { code: text } = await transform(code, {
    loader: 'ts',
    format: 'esm',
    target: 'node20.19',
    sourcemap: 'inline',
    sourcefile: fileURLToPath(url),
    tsconfigRaw: settings,
  })
  return text
}
