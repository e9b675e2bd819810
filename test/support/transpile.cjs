// What TypeScript makes of a file, kept by the hash of its text: a hundred test processes would compile all of lib anew.
const { createHash } = require('node:crypto')
const { mkdirSync, readFileSync, renameSync, writeFileSync } = require('node:fs')
const { join } = require('node:path')
const ts = require('typescript')

const folder = join(__dirname, '../../.tap/transpiled')
mkdirSync(folder, { recursive: true })

/** A transpiler for ts-node, which tap runs tests with. */
exports.create = ({ service }) => {
  const compilerOptions = { ...service.config.options, module: ts.ModuleKind.ESNext }
  const base = JSON.stringify([ts.version, compilerOptions])
  return {
    transpile(code, { fileName }) {
      const name = createHash('sha256')
        .update(JSON.stringify([base, fileName, code]))
        .digest('hex')
      const path = join(folder, name)
      const known = read(path)
      if (known) return known
      const { outputText, sourceMapText } = ts.transpileModule(code, { fileName, compilerOptions })
      // moved to its place, since another process may read it meanwhile
      const part = `${path}.${process.pid}`
      writeFileSync(part, JSON.stringify({ outputText, sourceMapText }))
      renameSync(part, path)
      return { outputText, sourceMapText }
    },
  }
}

function read(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    return undefined
  }
}
