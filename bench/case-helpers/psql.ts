import { execFileSync } from 'node:child_process'

/** Runs psql with the database at this address, and returns what psql prints. */
export const runPsql = (address: string, ...argv: readonly string[]): string =>
  execFileSync('psql', ['-d', address, '-X', '-q', '-At', '-v', 'ON_ERROR_STOP=1', ...argv], {
    env: { ...process.env, PGOPTIONS: '-c client_min_messages=warning' },
    encoding: 'utf8',
  })
