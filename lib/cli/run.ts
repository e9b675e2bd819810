// The command line as a function: arguments in, exit code out.
import { once, setMaxListeners } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Surroundings } from './context.js'
import { endingCodeOf, errorOf, Stopped } from './ending.js'
import { complaintOf, exit, signals } from './failures.js'
import { Output, stdoutOf } from './output.js'
import { parseArguments, type Parsed } from './parser.js'
import { program } from './program.js'
import { isPlain, progressOn } from './progress/progress.js'
import { settingsFrom, type Settings } from './settings.js'
import { UsageError } from './usage-error.js'
import { lines } from './words.js'

/** A process that runs the command line it was started with. */
export type CommandProcess = Surroundings &
  Pick<NodeJS.Process, 'argv' | 'exitCode' | 'exit' | 'kill' | 'pid' | 'removeAllListeners'>

/** Runs the command line of a process. After a signal it does not wait for a reader of stdout that does not read. */
export async function runProcess(process: CommandProcess): Promise<void> {
  const code = await run(process.argv.slice(2), {
    stdout: stdoutOf(process),
    stderr: process.stderr,
    env: process.env,
    on: (signal, listener) => process.on(signal, listener),
    off: (signal, listener) => process.off(signal, listener),
    // exit() would wait for a call to the file system that hangs; the default action of a signal waits for nothing
    endAtOnce: (signal) => {
      process.removeAllListeners(signal)
      process.kill(process.pid, signal)
    },
  })
  process.exitCode = code
  if (code > MAX_ORDINARY_CODE) process.exit()
}

/** Exit codes above are those of signals. */
const MAX_ORDINARY_CODE = 128

/** Milliseconds that a reader of stdout has for the last bytes after a signal. */
const LAST_BYTES_MS = 1000

/** Runs a command line; what it was aborted for decides the exit code. A second signal ends the process at once. */
export async function run(argv: readonly string[], surroundings: Surroundings): Promise<number> {
  const { stdout, stderr } = surroundings
  const stop = new AbortController()
  // every pipeline listens to it, and --concurrency has no limit
  setMaxListeners(0, stop.signal)
  const listeners = Object.entries(signals).map(([name, code]) => {
    const signal = name as NodeJS.Signals
    const listener = () => {
      if (stop.signal.aborted) surroundings.endAtOnce?.(signal)
      else stop.abort(Stopped.bySignal(signal, code))
    }
    return [signal, listener] as const
  })
  for (const [signal, listener] of listeners) surroundings.on(signal, listener)
  const output = new Output(stdout, (failure) => stop.abort(Stopped.byStdout(failure)))
  stderr.on('error', () => undefined)
  const command = new CommandRun(surroundings, output, stop.signal)
  try {
    return await command.end(await command.run(argv))
  } finally {
    for (const [signal, listener] of listeners) surroundings.off(signal, listener)
  }
}

class CommandRun {
  readonly #surroundings: Surroundings
  readonly #output: Output
  readonly #signal: AbortSignal
  #hasComplained = false
  #isHelp = false

  constructor(surroundings: Surroundings, output: Output, signal: AbortSignal) {
    this.#surroundings = surroundings
    this.#output = output
    this.#signal = signal
  }

  async run(argv: readonly string[]): Promise<number> {
    let complaint = ''
    const parsed = parseArguments(argv, program, {
      out: (text) => this.#output.stream.write(lines(text)),
      err: (text) => {
        complaint += text
        this.#surroundings.stderr.write(lines(text))
      },
    })
    if (typeof parsed !== 'number') return this.#runCommand(parsed)
    if (parsed === exit.usage && argv.includes('--json'))
      this.#answerError(new UsageError(complaint.split('\n')[0]!.replace(/^error: /, '')))
    this.#isHelp = parsed === exit.complete
    return parsed
  }

  /** The exit code when all bytes are printed, or cannot be printed. */
  async end(code: number): Promise<number> {
    const flushed = this.#output.flush()
    if (!this.#signal.aborted) await Promise.race([flushed, once(this.#signal, 'abort')])
    if (!this.#signal.aborted) return code
    await Promise.race([flushed, sleep(LAST_BYTES_MS)])
    const reason = this.#signal.reason as Stopped
    if (code !== exit.complete) return code
    // help may be read to the line that was looked for
    if (this.#isHelp && reason.exitCode === exit.sigpipe) return code
    this.#complain(reason)
    return reason.exitCode
  }

  async #runCommand({ command, given }: Parsed): Promise<number> {
    const { stderr, env } = this.#surroundings
    const { run, groups } = program.commands.find(({ name }) => name === command)!
    let settings: Settings | undefined
    try {
      settings = await settingsFrom(given, env, groups)
      const quiet = settings.get('quiet') === true
      const progress = progressOn(stderr, { quiet, intervalMs: intervalIn(settings), isPlain: isPlain(env) })
      const answer = (value: unknown) => this.#output.answer(value)
      const flush = () => this.#flush()
      const context = { settings, stdout: this.#output.stream, answer, flush, progress, signal: this.#signal }
      return await run(context).finally(() => progress.stop())
    } catch (error) {
      const reason: unknown = this.#signal.aborted ? this.#signal.reason : error
      this.#complain(reason, settings)
      if ((settings?.get('json') ?? given['json']) === true) this.#answerError(reason, settings)
      return endingCodeOf(reason)
    }
  }

  /** A failure of stdout aborts the signal. */
  async #flush(): Promise<void> {
    this.#signal.throwIfAborted()
    await Promise.race([this.#output.flush(), once(this.#signal, 'abort')])
    this.#signal.throwIfAborted()
  }

  #complain(error: unknown, settings?: Settings): void {
    if (this.#hasComplained || (error instanceof Stopped && error.exitCode === exit.sigpipe)) return
    this.#hasComplained = true
    this.#surroundings.stderr.write(`optimize-export: ${complaintOf(error, settings)}\n`)
  }

  #answerError(error: unknown, settings?: Settings): void {
    this.#output.answer({ complete: false, error: errorOf(error, settings) })
  }
}

function intervalIn(settings: Settings): number {
  const seconds = settings.get('progressInterval') ?? 5
  if (typeof seconds === 'number' && seconds > 0 && seconds <= 86_400) return seconds * 1000
  throw new UsageError(`${settings.nameOf('progressInterval')}: expected seconds`)
}
