// Transpiles everything that tests load: node test/scripts/typescript/all.js. It removes the results of older texts.
import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { folder, nameOf, transpiled } from './transpiled.js'

const root = join(import.meta.dirname, '../../..')
const files = ['lib', 'test']
  .flatMap((name) => readdirSync(join(root, name), { recursive: true }).map((file) => join(root, name, file)))
  .filter((path) => /(?<!\.d)\.ts$/.test(path) && !/[\\/]proofs[\\/]/.test(path))

const kept = new Set()
for (const path of files) {
  const { href } = pathToFileURL(path)
  const code = readFileSync(path, 'utf8')
  await transpiled(href, code)
  kept.add(nameOf(href, code))
}
for (const name of readdirSync(folder)) if (!kept.has(name)) rmSync(join(folder, name))
