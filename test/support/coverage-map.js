// Coverage is of lib, by whatever test; the build that child processes run is the same code once more. Of what is compiled to
// WebAssembly Node knows no coverage. Without a PostgreSQL server the tests of loads are incomplete, so their files are left out.
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
