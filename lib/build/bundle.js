// Bundles lib/ into dist/: node lib/build/bundle.js. Each entry point becomes one file. Modules that several entry points
// share, and modules that are loaded on demand, become files in dist/chunks. Dependencies stay imports. See docs/adr/0044.
import { execFileSync } from 'node:child_process'
import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'

const root = join(import.meta.dirname, '../..')

await build({
  absWorkingDir: root,
  entryPoints: [
    'lib/index.ts',
    'lib/testing/index.ts',
    'lib/destinations/duckdb/index.ts',
    'lib/destinations/postgres/index.ts',
    'lib/stores/s3/index.ts',
    'lib/formats/arrow/index.ts',
    'lib/formats/mining/index.ts',
    'lib/formats/singer/index.ts',
    'lib/formats/xlsx/index.ts',
    'lib/cli/main.ts',
  ],
  outdir: 'dist',
  bundle: true,
  splitting: true,
  chunkNames: 'chunks/[name]-[hash]',
  packages: 'external',
  platform: 'node',
  target: 'node20.19',
  format: 'esm',
  legalComments: 'none',
  logLevel: 'warning',
})
chmodSync(join(root, 'dist/cli/main.js'), 0o755)

// the schema and the manual page have the flags of the command, so the command writes them
const runCommand = (...argv) => execFileSync(process.execPath, [join(root, 'dist/cli/main.js'), ...argv])
writeFileSync(join(root, 'dist/jobs.schema.json'), runCommand('init', '--schema'))
writeFileSync(join(root, 'dist/optimize-export.1'), runCommand('help', 'man-page'))
