// Programs that may or may not be on this machine.
import { spawnSync } from 'node:child_process'

/** Those of the programs that are missing. */
export const findMissingTools = (...names: readonly string[]): string[] =>
  names.filter((name) => spawnSync(name, ['--version']).status !== 0)
