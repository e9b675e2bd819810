// tap's TypeScript loader (a fork of ts-node 10) does not know patterns with a tail in a package's exports, such as
// hyparquet's `./src/*.js`, and hyparquet-writer imports by those. Import this before toParquet() first writes.
import { register } from 'node:module'

const hook = `
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
export async function resolve(specifier, context, next) {
  if (!/^hyparquet(-writer)?\\/src\\//.test(specifier)) return next(specifier, context)
  return { url: pathToFileURL(createRequire(context.parentURL).resolve(specifier)).href, format: 'module', shortCircuit: true }
}`

register(`data:text/javascript,${encodeURIComponent(hook)}`)
