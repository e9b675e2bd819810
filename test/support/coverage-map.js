// Coverage is of lib, by whatever test; the build that child processes run is the same code once more.
import { readdirSync } from 'node:fs'

const files = readdirSync('lib', { recursive: true, encoding: 'utf8' })
  .filter((file) => /(?<!\.d)\.ts$/.test(file))
  .map((file) => `lib/${file}`)

export default () => files
