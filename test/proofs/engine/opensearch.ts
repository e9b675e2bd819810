// A real OpenSearch node in a temporary folder, as a child process that ends with this one.
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { buildLauncher } from './launcher.js'

export interface EngineAnswer<T = unknown> {
  readonly status: number
  readonly body: T
}

export interface SearchBody {
  readonly _scroll_id: string
  readonly _shards: { readonly total: number; readonly successful: number; readonly failed: number }
  readonly hits: {
    readonly total: { readonly value: number; readonly relation: string }
    readonly hits: readonly { readonly _id: string; readonly _source: Record<string, unknown> }[]
  }
}

export interface ErrorBody {
  readonly error: {
    readonly type: string
    readonly reason: string
    readonly root_cause: readonly { readonly type: string; readonly reason: string }[]
  }
}

/** The time limit for a start; a busy machine needs minutes. */
const startLimitMs = 300_000

export class OpenSearch {
  readonly #folder: string
  readonly #settings: Readonly<Record<string, string>>
  #child: ChildProcess | undefined
  #port = 0

  private constructor(settings: Readonly<Record<string, string>>) {
    this.#folder = mkdtempSync(join(tmpdir(), 'optimize-export-engine-'))
    this.#settings = settings
    process.once('exit', this.#closeNow)
  }

  /** Starts a node with an empty data folder. */
  static async start(settings: Readonly<Record<string, string>> = {}): Promise<OpenSearch> {
    const engine = new OpenSearch(settings)
    try {
      await engine.#launch()
    } catch (error) {
      await engine.close()
      throw error
    }
    return engine
  }

  /** The port, which stays the same after a restart. */
  get port(): number {
    return this.#port
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`
  }

  get isRunning(): boolean {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null
  }

  /** Sends one request. A body that is text is sent as NDJSON. */
  async ask<T = unknown>(method: string, path: string, body?: unknown): Promise<EngineAnswer<T>> {
    const isText = typeof body === 'string'
    const response = await fetch(this.url + path, {
      method,
      ...(body === undefined
        ? {}
        : {
            headers: { 'content-type': isText ? 'application/x-ndjson' : 'application/json' },
            body: isText ? body : JSON.stringify(body),
          }),
    })
    return { status: response.status, body: (await response.json()) as T }
  }

  /** Sends a request that must succeed, and returns the body of the answer. */
  async must<T = unknown>(method: string, path: string, body?: unknown): Promise<T> {
    const answer = await this.ask<T>(method, path, body)
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`)
    return answer.body
  }

  async version(): Promise<string> {
    return (await this.must<{ version: { number: string } }>('GET', '/')).version.number
  }

  /** Returns the number of open scroll contexts, one per shard of each search. */
  async openContexts(): Promise<number> {
    interface Stats {
      nodes: Record<string, { indices: { search: { open_contexts: number } } }>
    }
    const { nodes } = await this.must<Stats>('GET', '/_nodes/stats/indices/search')
    return Object.values(nodes).reduce((sum, { indices }) => sum + indices.search.open_contexts, 0)
  }

  async clearContexts(): Promise<void> {
    await this.ask('DELETE', '/_search/scroll/_all')
  }

  /** Sets the largest number of open scroll contexts; undefined sets the default. */
  async limitContexts(max: number | undefined): Promise<void> {
    await this.must('PUT', '/_cluster/settings', { transient: { 'search.max_open_scroll_context': max ?? null } })
  }

  /** Ends the process; its data stays. */
  async stop(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const child = this.#child
    if (!child || !this.isRunning) return
    const exited = once(child, 'exit')
    child.kill(signal)
    await exited
  }

  /** Starts the process again with the same data and port. */
  async startAgain(): Promise<void> {
    await this.#launch()
  }

  /** Ends the process and removes its data. */
  async close(): Promise<void> {
    await this.stop('SIGKILL')
    process.off('exit', this.#closeNow)
    this.#closeNow()
  }

  /** Ends the node and removes its data. Also called when this process exits, unless it is killed. */
  readonly #closeNow = () => {
    this.#child?.kill('SIGKILL')
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 5 })
  }

  async #launch(): Promise<void> {
    const { classPath, log4j } = buildLauncher()
    const logFile = join(this.#folder, 'stderr.log')
    mkdirSync(this.#folder, { recursive: true })
    // the simpler compiler of Java starts faster, and the proofs are short
    const java = [
      ...['-Xms512m', '-Xmx512m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', `-Dlog4j.configurationFile=${log4j}`],
      ...['-Dlog4j2.disable.jmx=true', '-Dopensearch.set.netty.runtime.available.processors=false'],
      ...['--add-opens=java.base/java.lang=ALL-UNNAMED', '-cp', classPath, 'proofs.Launcher'],
    ]
    const settings = Object.entries(this.#settings).map(([name, value]) => `${name}=${value}`)
    const args = [...java, join(this.#folder, 'node'), String(this.#port), ...settings]
    // stdin stays open while this process runs; the launcher ends when stdin is closed
    const child = spawn('java', args, { stdio: ['pipe', 'pipe', 'pipe'] })
    this.#child = child
    child.stdin.on('error', () => undefined)
    child.stderr.on('data', (text: Buffer) => {
      appendFileSync(logFile, text)
    })
    this.#port = await readPort(child, logFile)
    await this.#waitForShards()
  }

  /** Resolves when all shards of all indices are available. */
  async #waitForShards(): Promise<void> {
    const until = performance.now() + startLimitMs
    while (performance.now() < until) {
      const health = await this.ask<{ status: string }>('GET', '/_cluster/health').catch(() => undefined)
      if (health?.body.status === 'green') return
      await sleep(50) // the engine sends no event when its shards are available
    }
    throw new Error('OpenSearch started, but its shards are not available')
  }
}

/** Returns the port that the launcher prints when the node has started. */
async function readPort(child: ChildProcess, logFile: string): Promise<number> {
  const lines = createInterface({ input: child.stdout! })
  const timer = setTimeout(() => child.kill('SIGKILL'), startLimitMs) // a limit
  try {
    for await (const line of lines) {
      const port = /^listening (\d+)$/.exec(line)?.[1]
      if (port !== undefined) return Number(port)
    }
  } finally {
    clearTimeout(timer)
    child.stdout!.resume()
  }
  throw new Error(`OpenSearch did not start:\n${readFileSync(logFile, 'utf8').slice(-2000)}`)
}
