// Finds out which external programs are installed.
import { spawnSync } from 'node:child_process'

/** Returns the programs that are not installed. */
export const findMissingTools = (...names: readonly string[]): string[] =>
  names.filter((name) => spawnSync(name, ['--version']).status !== 0)
