// Lists the files of lib whose coverage is measured, the same list for every test. It leaves out the code that is compiled to WebAssembly,
// because Node.js measures no coverage of it, and without a PostgreSQL server the files of loads, because their tests are skipped.
import { existsSync, readdirSync } from 'node:fs'
import { delimiter, join } from 'node:path'

const hasPostgres =
  existsSync('/usr/lib/postgresql') ||
  (process.env['PATH'] ?? '').split(delimiter).some((folder) => existsSync(join(folder, 'initdb')))

const files = readdirSync('lib', { recursive: true, encoding: 'utf8' })
  .filter(
    (file) =>
      /(?<!\.d)\.ts$/.test(file) &&
      (hasPostgres || !/^(load|destinations)\b/.test(file)) &&
      !/\/kernel\/(?!scan-memory|span-flags|block-memory|csv-kernel-memory|chunk-kernel-memory)/.test(file),
  )
  .map((file) => `lib/${file}`)

export default () => files
