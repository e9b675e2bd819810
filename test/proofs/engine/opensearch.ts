// A real OpenSearch node in a temporary folder, as a child process that ends with this one.
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { buildLauncher } from './launcher.js'

/** An answer of the engine. */
export interface EngineAnswer<T = unknown> {
  readonly status: number
  readonly body: T
}

/** What a search or a scroll answers with. */
export interface SearchBody {
  readonly _scroll_id: string
  readonly _shards: { readonly total: number; readonly successful: number; readonly failed: number }
  readonly hits: {
    readonly total: { readonly value: number; readonly relation: string }
    readonly hits: readonly { readonly _id: string; readonly _source: Record<string, unknown> }[]
  }
}

/** What the engine answers with when it refuses. */
export interface ErrorBody {
  readonly error: {
    readonly type: string
    readonly reason: string
    readonly root_cause: readonly { readonly type: string; readonly reason: string }[]
  }
}

/** A machine that does many other things needs minutes. */
const startsWithinMs = 300_000

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

  /** Stays the same over restarts. */
  get port(): number {
    return this.#port
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`
  }

  get isRunning(): boolean {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null
  }

  /** One request; a text body is sent as NDJSON. */
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

  /** {@link ask}, for requests that must succeed. */
  async must<T = unknown>(method: string, path: string, body?: unknown): Promise<T> {
    const answer = await this.ask<T>(method, path, body)
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`)
    return answer.body
  }

  async version(): Promise<string> {
    return (await this.must<{ version: { number: string } }>('GET', '/')).version.number
  }

  /** How many scroll contexts are open; one per shard. */
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

  /** How many scroll contexts may be open; undefined is the default. */
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

  /** Starts it again on the same data and port. */
  async startAgain(): Promise<void> {
    await this.#launch()
  }

  /** Ends the process and removes its data. */
  async close(): Promise<void> {
    await this.stop('SIGKILL')
    process.off('exit', this.#closeNow)
    this.#closeNow()
  }

  /** However this process exits, as long as it is not killed, nothing is left of the node. */
  readonly #closeNow = () => {
    this.#child?.kill('SIGKILL')
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 5 })
  }

  async #launch(): Promise<void> {
    const { classPath, log4j } = buildLauncher()
    const logFile = join(this.#folder, 'stderr.log')
    mkdirSync(this.#folder, { recursive: true })
    // the simpler compiler starts faster, and the proofs are short
    const java = [
      ...['-Xms512m', '-Xmx512m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', `-Dlog4j.configurationFile=${log4j}`],
      ...['-Dlog4j2.disable.jmx=true', '-Dopensearch.set.netty.runtime.available.processors=false'],
      ...['--add-opens=java.base/java.lang=ALL-UNNAMED', '-cp', classPath, 'proofs.Launcher'],
    ]
    const settings = Object.entries(this.#settings).map(([name, value]) => `${name}=${value}`)
    const args = [...java, join(this.#folder, 'node'), String(this.#port), ...settings]
    // stdin stays open as long as this process lives; the launcher ends when it is closed
    const child = spawn('java', args, { stdio: ['pipe', 'pipe', 'pipe'] })
    this.#child = child
    child.stdin.on('error', () => undefined)
    child.stderr.on('data', (text: Buffer) => {
      appendFileSync(logFile, text)
    })
    this.#port = await listening(child, logFile)
    await this.#answers()
  }

  /** All shards of all indices are there. */
  async #answers(): Promise<void> {
    const until = performance.now() + startsWithinMs
    while (performance.now() < until) {
      const health = await this.ask<{ status: string }>('GET', '/_cluster/health').catch(() => undefined)
      if (health?.body.status === 'green') return
      await sleep(50) // the engine does not say when its shards are there
    }
    throw new Error('OpenSearch started, but its shards are not there')
  }
}

async function listening(child: ChildProcess, logFile: string): Promise<number> {
  const lines = createInterface({ input: child.stdout! })
  const timer = setTimeout(() => child.kill('SIGKILL'), startsWithinMs) // a limit
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
