// Starts bench/server.ts as a child process and stops it.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline/promises'
import type { FakeOptimizeOptions } from '../../lib/testing/index.js'
import type { ReportLocation } from './case-types.js'
import { getBuiltPath } from './folders.js'

/** The input of the child process: options of the fake server, and its preparations. */
export interface ServerOptions extends FakeOptimizeOptions {
  /** The file for the ids of all records, one per line after a header. */
  readonly idsFile?: string
  /** The page sizes for which all pages are rendered in advance. @default [1000] */
  readonly prerenderedLimits?: readonly number[]
}

export interface BenchServer extends ReportLocation {
  readonly idsFile: string
  close(): Promise<void>
}

/** Starts a server, calls `use` and stops the server. */
export async function withServer<T>(
  folder: string,
  options: ServerOptions,
  use: (server: BenchServer) => Promise<T>,
): Promise<T> {
  const server = await startServer(folder, options)
  try {
    return await use(server)
  } finally {
    await server.close()
  }
}

let started = 0

async function startServer(folder: string, options: ServerOptions): Promise<BenchServer> {
  const idsFile = join(folder, `ids-${++started}.csv`)
  const child = spawn(process.execPath, [getBuiltPath('server.js'), JSON.stringify({ ...options, idsFile })], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const exited = once(child, 'exit')
  const lines = createInterface(child.stdout)
  const [line] = (await Promise.race([once(lines, 'line'), exited.then(() => [])])) as [string?]
  if (line === undefined) throw new Error('the fake server did not start')
  const close = async () => {
    child.stdin.end()
    await exited
  }
  return { ...(JSON.parse(line) as ReportLocation), idsFile, close }
}
