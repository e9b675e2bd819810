// One failure of each code on the command line. docs/troubleshooting.md shows its output.
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startFakeOptimize, type Fault, type FakeOptimizeOptions } from '../../lib/testing/index.js'
import { runCommand } from './command-line.js'

interface Scenario extends FakeOptimizeOptions {
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
}

/** The codes that have a failure here. */
export const failureCodes = Object.keys(scenarios)

/** The output of the command line and its exit code; paths that differ between runs are replaced. */
export async function runFailure(code: string): Promise<{ code: number; stderr: string; isAbsent: boolean }> {
  const { argv = [], env = {}, out = 'instances.csv', tmp, ...options } = scenarios[code]!
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
    const { code: exit, stderr } = await runCommand(['export', ...report, '--out', file, ...limited, ...argv], {
      env: { OPTIMIZE_URL: server.url, OPTIMIZE_TOKEN: server.token, ...env },
    })
    const normalized = stderr
      .trimEnd()
      .replaceAll(folder, '/data')
      .replaceAll(server.url, 'https://optimize.example.com')
      .replaceAll('http://127.0.0.1:9', 'https://optimize.example.com')
    return { code: exit, stderr: normalized, isAbsent: !existsSync(file) }
  } finally {
    if (tmp !== undefined) {
      if (before === undefined) delete process.env['TMPDIR']
      else process.env['TMPDIR'] = before
    }
    rmSync(folder, { recursive: true })
    await server.close()
  }
}
