import { spawnSync } from 'node:child_process'

export const findMissingTools = (...names: readonly string[]): string[] =>
  names.filter((name) => spawnSync(name, ['--version']).status !== 0)
