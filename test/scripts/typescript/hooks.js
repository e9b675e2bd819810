// Hooks of Node.js that find and transpile TypeScript files: an import of x.js finds x.ts.
import { existsSync } from 'node:fs'
import { transpiled } from './transpiled.js'

const isOurs = (url) => /^file:[^?]*\.ts(\?|$)/.test(url) && !url.includes('/node_modules/')

export async function resolve(specifier, context, next) {
  const found = typescriptFor(specifier, context.parentURL)
  if (!found) return next(specifier, context)
  if (!context.parentURL?.includes('?tapmock=')) return found
  // t.mockImport() may replace this import in the next hook; if it does not, that hook fails, because there is no x.js
  return next(specifier, context).catch(() => found)
}

function typescriptFor(specifier, parentURL) {
  if (!/^(\.\.?\/|file:)[^?]*\.js(\?|$)/.test(specifier)) return undefined
  const url = new URL(specifier.replace(/\.js(?=\?|$)/, '.ts'), parentURL)
  return isOurs(url.href) && existsSync(url) ? { url: url.href, format: 'module', shortCircuit: true } : undefined
}

export async function load(url, context, next) {
  if (!isOurs(url)) return next(url, context)
  // the next hook reads the file, because tap measures the coverage of the text that goes through it
  const { source } = await next(url, { ...context, format: 'module' })
  return { format: 'module', source: await transpiled(url, Buffer.from(source).toString()), shortCircuit: true }
}
