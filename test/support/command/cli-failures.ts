// Produces a failure for each error code with the command. docs/troubleshooting.md shows the output of each.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startFakeOptimize, type Fault, type FakeOptimizeOptions } from '../../../lib/testing/index.js'
import { runCommand } from './command-line.js'
import { root } from '../root.js'

interface Scenario extends FakeOptimizeOptions {
  /** Loads into a DuckDB file instead of exporting to a file. */
  readonly isLoad?: true
  /** Prepares the DuckDB file of a load; returns a function that ends what it started. */
  readonly prepare?: (path: string) => Promise<(() => void) | undefined>
  readonly argv?: readonly string[]
  readonly env?: NodeJS.ProcessEnv
  /** The path of the file in the folder of the test. */
  readonly out?: string
  readonly tmp?: string
}

const repeatFault = (kind: Fault['kind'], rest: Partial<Fault> = {}): Fault[] => [{ kind, times: Infinity, ...rest }]
const lateColumn = { records: 50, lateVariables: { at: 40, names: ['discount'] } }

const scenarios: Record<string, Scenario> = {
  ERR_OPTION: { argv: ['--limit', '20000'] },
  ERR_AUTH: { env: { OPTIMIZE_TOKEN: 'wrong' } },
  ERR_REPORT_NOT_FOUND: { argv: ['--report', '0b7e2f'] },
  ERR_REPORT_NOT_EXPORTABLE: { report: 'combined' },
  ERR_CURSOR_EXPIRED: { faults: repeatFault('expire', { page: 3 }) },
  ERR_INCOMPLETE: { faults: repeatFault('missingRows', { page: 3 }) },
  ERR_HTTP: { faults: repeatFault('503') },
  ERR_RESPONSE: { faults: repeatFault('login') },
  ERR_NETWORK: { env: { OPTIMIZE_URL: 'http://127.0.0.1:9' } },
  ERR_TIMEOUT: { faults: repeatFault('delay', { ms: 3000 }), argv: ['--request-timeout', '50'] },
  ERR_LATE_COLUMN: { ...lateColumn, argv: ['--columns', 'sample', '--sample-size', '10'] },
  ERR_COLUMN_COLLISION: { variableNames: ['duration'], argv: ['--naming', 'plain'] },
  ERR_UNMATCHED_NAME: { variableNames: ['customer'], argv: ['--omit', 'variable:custommer'] },
  ERR_CELL_TYPE: {
    data: [{ processInstanceId: 'a', variables: { amount: '12.50' } }],
    argv: ['--types', 'variable:amount=int64', '--format', 'parquet'],
  },
  ERR_ENCODE: { data: [{}], argv: ['--format', 'parquet', '--columns', 'sample'] },
  ERR_SPOOL: { tmp: 'nowhere' },
  ERR_FILE: { out: 'nowhere/instances.csv' },
  ERR_DESTINATION: { isLoad: true, prepare: writeInvalidDatabase },
  ERR_DESTINATION_BUSY: { isLoad: true, prepare: holdDatabase },
  ERR_SCHEMA_CHANGE: {
    isLoad: true,
    prepare: loadBefore({ records: 50, variableNames: ['amount'] }),
    variableNames: ['amount', 'discount'],
    argv: ['--schema-changes', 'freeze'],
  },
  ERR_SUSPICIOUS_LOAD: { isLoad: true, prepare: loadBefore({ records: 500 }) },
  ERR_NOT_SORTED: {
    isLoad: true,
    data: ['2026-05-30', '2026-05-31'].map((day) => ({
      processInstanceId: day,
      startDate: `${day}T06:11:26.123+0000`,
      variables: {},
    })),
    argv: ['--mode', 'merge', '--since', 'last', '--sorted-by', 'startDate'],
  },
}

function writeInvalidDatabase(path: string): Promise<undefined> {
  writeFileSync(path, 'this is not a database '.repeat(1000))
  return Promise.resolve(undefined)
}

const HOLDER = `
import { DuckDBInstance } from '@duckdb/node-api'
const instance = await DuckDBInstance.create(process.argv[1])
await instance.connect()
process.stdout.write('open')
process.stdin.resume()
`

async function holdDatabase(path: string): Promise<() => void> {
  const holder = spawn(process.execPath, ['--input-type=module', '-e', HOLDER, path], { cwd: root, stdio: 'pipe' })
  await once(holder.stdout, 'data')
  return () => void holder.kill()
}

function loadBefore(options: FakeOptimizeOptions): (path: string) => Promise<undefined> {
  return async (path) => {
    const server = await startFakeOptimize(options)
    const argv = ['load', '--report', server.reportId, '--table', 'orders', '--into', `duckdb:${path}`, '--quiet']
    await runCommand(argv, { env: { OPTIMIZE_URL: server.url, OPTIMIZE_TOKEN: server.token } })
    await server.close()
    return undefined
  }
}

/** The codes for which this file produces a failure. */
export const failureCodes = Object.keys(scenarios)

/** Returns the output of the command and its exit code. Paths and addresses that differ between runs are replaced. */
export async function runFailure(code: string): Promise<{ code: number; stderr: string; isAbsent: boolean }> {
  const { argv = [], env = {}, out = 'instances.csv', tmp, isLoad, prepare, ...options } = scenarios[code]!
  let endPrepared: (() => void) | undefined
  const server = await startFakeOptimize({ records: 50, reportId: 'e6c5aaa1', ...options })
  const folder = mkdtempSync(join(tmpdir(), 'failure-'))
  const file = join(folder, out)
  const before = process.env['TMPDIR']
  if (tmp !== undefined) process.env['TMPDIR'] = join(folder, tmp)
  try {
    const fastRetryFlags = [
      '--limit',
      '10',
      '--retry-attempts',
      '2',
      '--retry-min-delay',
      '1',
      '--retry-max-delay',
      '1',
      '--quiet',
    ]
    const report = argv.includes('--report') ? [] : ['--report', 'e6c5aaa1']
    const limited = argv.includes('--limit') ? fastRetryFlags.slice(2) : fastRetryFlags
    const database = join(folder, 'warehouse.duckdb')
    endPrepared = await prepare?.(database)
    const target = isLoad ? ['load', '--table', 'orders', '--into', `duckdb:${database}`] : ['export', '--out', file]
    const { code: exit, stderr } = await runCommand([...target, ...report, ...limited, ...argv], {
      env: { OPTIMIZE_URL: server.url, OPTIMIZE_TOKEN: server.token, ...env },
    })
    const normalized = stderr
      .trimEnd()
      .replaceAll(folder, '/data')
      .replaceAll(server.url, 'https://optimize.example.com')
      .replaceAll('http://127.0.0.1:9', 'https://optimize.example.com')
      .replace(process.execPath, '/usr/bin/node')
      .replace(/PID \d+/, 'PID 4711')
    return { code: exit, stderr: normalized, isAbsent: !existsSync(file) }
  } finally {
    endPrepared?.()
    if (tmp !== undefined) {
      if (before === undefined) delete process.env['TMPDIR']
      else process.env['TMPDIR'] = before
    }
    rmSync(folder, { recursive: true })
    await server.close()
  }
}
