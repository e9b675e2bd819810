import { once, setMaxListeners } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import type { HostProcess } from './context.js'
import { exit, signals } from './errors/exit-codes.js'
import { toExitCode, toJsonError, formatFailure } from './errors/command-errors.js'
import { StoppedError } from './errors/stopped-error.js'
import { formatLogLine, wantsJsonLog } from './output/log-line.js'
import { StdoutWriter, createStdout } from './output/stdout-writer.js'
import { parseArguments, type CommandCall } from './parser.js'
import { program } from './program.js'
import { isPlain, createProgress } from './progress/progress.js'
import { readSettings, type Settings } from './settings.js'
import { UsageError } from './errors/usage-error.js'
import { escapeLines } from './output/format-text.js'

export type CommandProcess = HostProcess &
  Pick<NodeJS.Process, 'argv' | 'exitCode' | 'exit' | 'kill' | 'pid' | 'removeAllListeners'>

/** Runs the command line of a process and sets its exit code. After a signal the process exits even if stdout is not read. */
export async function runProcess(process: CommandProcess): Promise<void> {
  const code = await run(process.argv.slice(2), {
    stdout: createStdout(process),
    stderr: process.stderr,
    env: process.env,
    on: (signal, listener) => process.on(signal, listener),
    off: (signal, listener) => process.off(signal, listener),
    // exit() would wait for a file system call that hangs; the default action of a signal does not wait
    killImmediately: (signal) => {
      process.removeAllListeners(signal)
      process.kill(process.pid, signal)
    },
  })
  process.exitCode = code
  if (code > MAX_NON_SIGNAL_EXIT_CODE) process.exit()
}

const MAX_NON_SIGNAL_EXIT_CODE = 128

/** After a signal, or a failure of stdout, the reader of stdout has this time to read the last bytes. */
const FLUSH_TIMEOUT_MS = 1000

/** Runs a command line and returns its exit code. The first signal stops the command; a second one ends the process at once. */
export async function run(argv: readonly string[], hostProcess: HostProcess): Promise<number> {
  const { stdout, stderr } = hostProcess
  const stop = new AbortController()
  const kill = new AbortController()
  // every pipeline adds a listener, and --concurrency has no limit
  setMaxListeners(0, stop.signal)
  const listeners = Object.entries(signals).map(([name, code]) => {
    const signal = name as NodeJS.Signals
    const listener = () => {
      if (stop.signal.aborted) {
        kill.abort()
        hostProcess.killImmediately?.(signal)
      } else stop.abort(StoppedError.fromSignal(signal, code))
    }
    return [signal, listener] as const
  })
  for (const [signal, listener] of listeners) hostProcess.on(signal, listener)
  const output = new StdoutWriter(stdout, (failure) => stop.abort(StoppedError.fromStdout(failure)))
  stderr.on('error', () => undefined)
  const command = new CommandRun(hostProcess, output, stop.signal, kill.signal)
  try {
    return await command.finish(await command.run(argv))
  } finally {
    for (const [signal, listener] of listeners) hostProcess.off(signal, listener)
  }
}

class CommandRun {
  readonly #hostProcess: HostProcess
  readonly #output: StdoutWriter
  readonly #signal: AbortSignal
  readonly #killSignal: AbortSignal
  #hasPrintedError = false
  #isJsonLog = false
  #isHelp = false

  constructor(hostProcess: HostProcess, output: StdoutWriter, signal: AbortSignal, killSignal: AbortSignal) {
    this.#hostProcess = hostProcess
    this.#output = output
    this.#signal = signal
    this.#killSignal = killSignal
  }

  async run(argv: readonly string[]): Promise<number> {
    let errorText = ''
    this.#isJsonLog = wantsJsonLog(argv)
    const parsed = parseArguments(argv, program, {
      out: (text) => this.#output.stream.write(escapeLines(text)),
      err: (text) => {
        errorText += text
        if (!this.#isJsonLog) this.#hostProcess.stderr.write(escapeLines(text))
      },
    })
    if (typeof parsed !== 'number') return this.#runCommand(parsed)
    if (parsed === exit.usage) {
      const error = new UsageError(errorText.split('\n')[0]!.replace(/^error: /, ''))
      if (this.#isJsonLog) this.#printError(error)
      if (argv.includes('--json')) this.#printJsonError(error)
    }
    this.#isHelp = parsed === exit.complete
    return parsed
  }

  /**
   * Resolves to the exit code when all bytes are printed, or cannot be printed, or the time for them is over. A command may be complete
   * and still not print all of its bytes, because of a signal or a failure of stdout. Then the exit code is that of the signal or the
   * failure, which is printed as an error unless the reader closed stdout.
   */
  async finish(code: number): Promise<number> {
    const flushed = this.#output.flush()
    if (!this.#signal.aborted) await Promise.race([flushed, once(this.#signal, 'abort')])
    if (!this.#signal.aborted) return code
    const isPrinted = await Promise.race([flushed, sleep(FLUSH_TIMEOUT_MS, false)])
    const reason = this.#signal.reason as StoppedError
    if (isPrinted || code !== exit.complete) return code
    // a reader such as `head` may close stdout before the end of the help
    if (this.#isHelp && reason.exitCode === exit.sigpipe) return code
    this.#printError(reason)
    return reason.exitCode
  }

  async #runCommand({ command, given }: CommandCall): Promise<number> {
    const { stderr, env } = this.#hostProcess
    const { importCommand, groups } = program.commands.find(({ name }) => name === command)!
    let settings: Settings | undefined
    try {
      settings = await readSettings(given, env, groups)
      const quiet = settings.get('quiet') === true || settings.get('logFormat') === 'json'
      const progress = await createProgress(stderr, {
        quiet,
        intervalMs: getIntervalMs(settings),
        isPlain: isPlain(env),
      })
      const printJson = (value: unknown) => this.#output.printJson(value)
      const flush = () => this.#flush()
      const { stream: stdout } = this.#output
      const abortSignals = { signal: this.#signal, killSignal: this.#killSignal }
      const context = { settings, env, stdout, stderr, printJson, flush, progress, ...abortSignals }
      const runCommand = await importCommand()
      return await runCommand(context).finally(() => progress.stop())
    } catch (error) {
      const reason: unknown = this.#signal.aborted ? this.#signal.reason : error
      this.#printError(reason, settings)
      if ((settings?.get('json') ?? given['json']) === true) this.#printJsonError(reason, settings)
      return toExitCode(reason)
    }
  }

  async #flush(): Promise<void> {
    this.#signal.throwIfAborted()
    await Promise.race([this.#output.flush(), once(this.#signal, 'abort')])
    this.#signal.throwIfAborted()
  }

  #printError(error: unknown, settings?: Settings): void {
    if (this.#hasPrintedError || (error instanceof StoppedError && error.exitCode === exit.sigpipe)) return
    this.#hasPrintedError = true
    const { stderr } = this.#hostProcess
    if (this.#isJsonLog) stderr.write(formatLogLine('error', 'error', toJsonError(error, settings)))
    else stderr.write(`optimize-export: ${formatFailure(error, settings)}\n`)
  }

  #printJsonError(error: unknown, settings?: Settings): void {
    this.#output.printJson({ complete: false, error: toJsonError(error, settings) })
  }
}

function getIntervalMs(settings: Settings): number {
  const seconds = settings.get('progressInterval') ?? 5
  if (typeof seconds === 'number' && seconds > 0 && seconds <= 86_400) return seconds * 1000
  throw settings.createError('progressInterval', 'expected a time of at most 1d, such as 5s')
}
