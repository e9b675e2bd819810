// Runs jobs files in a folder of the test.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Test } from 'tap'
import { runCommand, startCommand, type CommandOptions } from './command-line.js'
import type { FakeOptimize } from '../../../lib/testing/index.js'

/** The JSON that `run --json` prints. */
export interface JobsDocument {
  readonly complete: boolean
  readonly exitCode: number
  readonly run: string
  readonly error?: { readonly code: string; readonly message?: string }
  readonly jobs: readonly {
    readonly name: string
    readonly result: string
    readonly code?: string
    readonly message?: string
    readonly rows?: number
    readonly retries: number
    readonly restarts: number
    readonly pageSize?: number
    readonly changes: readonly string[]
  }[]
}

export interface StateDocument {
  readonly runId: string
  readonly jobs: Readonly<
    Record<
      string,
      {
        readonly runId: string
        readonly result: string
        readonly pageSize?: { readonly limit: number; readonly records: number }
        readonly totals: { readonly runs: number; readonly failures: number }
        readonly lastSuccess?: { readonly finishedAt: string; readonly seconds: number; readonly rows: number }
      }
    >
  >
}

export interface JobsFolder {
  readonly folder: string
  readonly file: string
  readonly env: NodeJS.ProcessEnv
  write(text: string): void
  path(name: string): string
  read(name: string): string
  has(name: string): boolean
  state(): StateDocument
  run(...argv: string[]): ReturnType<typeof runCommand>
  runJson(...argv: string[]): Promise<{ code: number; stderr: string; document: JobsDocument }>
  start(argv: readonly string[], options?: CommandOptions): ReturnType<typeof startCommand>
}

/** Creates a folder. `DIR` in the text of the file is the folder. */
export function createJobsFolder(t: Test, server?: Pick<FakeOptimize, 'url' | 'token'>): JobsFolder {
  const folder = t.testdir()
  const file = join(folder, 'jobs.yaml')
  const env = server ? { OPTIMIZE_URL: server.url, OPTIMIZE_TOKEN: server.token } : {}
  const path = (name: string) => join(folder, name)
  const run = (...argv: string[]) => runCommand(['run', file, ...argv], { env })
  return {
    folder,
    file,
    env,
    path,
    write: (text) => writeFileSync(file, text.replaceAll('DIR', folder)),
    read: (name) => readFileSync(path(name), 'utf8'),
    has: (name) => existsSync(path(name)),
    state: () => JSON.parse(readFileSync(path('.optimize-export/state.json'), 'utf8')) as StateDocument,
    run,
    runJson: async (...argv) => {
      const { code, stdout, stderr } = await run('--json', ...argv)
      return { code, stderr, document: JSON.parse(stdout) as JobsDocument }
    },
    start: (argv, options) => startCommand(['run', file, ...argv], { env, ...options }),
  }
}
