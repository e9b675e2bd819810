// Checks a packed package: its types with attw, the rest with publint. Each check returns its output if it fails.
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { root } from './root.js'

/** attw resolves the types of every entry point for every kind of importer. */
export const checkedByAttw = (tarball: string): Promise<string | undefined> =>
  // Node.js 20.19 can require an ES module; attw warns of those that cannot. A JSON file has no types.
  problemOf(
    /No problems found/,
    ...['attw', tarball, '--ignore-rules', 'cjs-resolves-to-esm'],
    ...['--exclude-entrypoints', 'jobs.schema.json'],
  )

export const checkedByPublint = (tarball: string): Promise<string | undefined> =>
  problemOf(/All good/, 'publint', tarball, '--strict')

async function problemOf(good: RegExp, ...command: readonly string[]): Promise<string | undefined> {
  const env = { ...process.env, NODE_OPTIONS: '' }
  const shell = process.platform === 'win32'
  const run = promisify(execFile)('npx', ['--no-install', ...command], { cwd: root, env, shell })
  const { code, stdout, stderr } = await run.then(
    (ended) => ({ code: 0, ...ended }),
    (error: unknown) => error as { code: number; stdout: string; stderr: string },
  )
  return code === 0 && good.test(stdout) ? undefined : `exit code ${code}: ${stdout}${stderr}`
}
