// Checks a packed package: its types with attw, the rest with publint.
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { root } from '../root.js'

/** Resolves the types of every entry point for every kind of importer. Returns the output of attw if it finds a problem. */
export const findAttwProblem = (tarball: string): Promise<string | undefined> =>
  // the ignored rule is about a Node.js that cannot require an ES module; 20.19 can. A JSON file has no types
  findProblem(
    /No problems found/,
    ...['attw', tarball, '--ignore-rules', 'cjs-resolves-to-esm'],
    ...['--exclude-entrypoints', 'jobs.schema.json'],
  )

/** Returns the output of publint if it finds a problem. */
export const findPublintProblem = (tarball: string): Promise<string | undefined> =>
  findProblem(/All good/, 'publint', tarball, '--strict')

async function findProblem(good: RegExp, ...command: readonly string[]): Promise<string | undefined> {
  const env = { ...process.env, NODE_OPTIONS: '' }
  const shell = process.platform === 'win32'
  const run = promisify(execFile)('npx', ['--no-install', ...command], { cwd: root, env, shell })
  const { code, stdout, stderr } = await run.then(
    (ended) => ({ code: 0, ...ended }),
    (error: unknown) => error as { code: number; stdout: string; stderr: string },
  )
  return code === 0 && good.test(stdout) ? undefined : `exit code ${code}: ${stdout}${stderr}`
}
