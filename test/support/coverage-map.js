// Coverage is of lib, by whatever test; the build that child processes run is the same code once more. Of what is compiled to
// WebAssembly Node knows no coverage.
import { readdirSync } from 'node:fs'

const files = readdirSync('lib', { recursive: true, encoding: 'utf8' })
  .filter(
    (file) =>
      /(?<!\.d)\.ts$/.test(file) &&
      !/\/kernel\/(?!scan-memory|span-flags|block-memory|csv-kernel-memory|chunk-kernel-memory)/.test(file),
  )
  .map((file) => `lib/${file}`)

export default () => files
