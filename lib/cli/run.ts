// The command line as a function: arguments in, exit code out.
import { setMaxListeners } from 'node:events'
import type { Surroundings } from './context.js'
import { complaintOf, exit, exitCodeOf, signals } from './failures.js'
import { parseArguments, type Parsed } from './parser.js'
import { program } from './program.js'
import { progressOn } from './progress/progress.js'
import { settingsFrom, type Settings } from './settings.js'
import { UsageError } from './usage-error.js'

/** A process that runs the command line it was started with. */
export type CommandProcess = Surroundings & Pick<NodeJS.Process, 'argv' | 'exitCode' | 'exit'>

/** Runs the command line of a process. After a signal it does not wait for a reader of stdout that does not read. */
export async function runProcess(process: CommandProcess): Promise<void> {
  const code = await run(process.argv.slice(2), process)
  process.exitCode = code
  if (code > SIGNAL) process.exit()
}

/** Exit codes above are those of signals. */
const SIGNAL = 128

/** Runs a command line; what it was aborted for decides the exit code. */
export async function run(argv: readonly string[], surroundings: Surroundings): Promise<number> {
  const { stdout, stderr } = surroundings
  const stop = new AbortController()
  // every pipeline listens to it, and --concurrency has no limit
  setMaxListeners(0, stop.signal)
  const abort = (code: number) => () => stop.abort(new Stopped(code))
  const listeners = Object.entries(signals).map(([signal, code]) => [signal as NodeJS.Signals, abort(code)] as const)
  const closed = abort(exit.sigpipe)
  const unheard = () => undefined
  for (const [signal, listener] of listeners) surroundings.on(signal, listener)
  stdout.on('error', closed)
  stderr.on('error', unheard)
  try {
    const parsed = parseArguments(argv, program, {
      out: (text) => stdout.write(text),
      err: (text) => stderr.write(text),
    })
    return typeof parsed === 'number' ? parsed : await runCommand(parsed, surroundings, stop.signal)
  } finally {
    for (const [signal, listener] of listeners) surroundings.off(signal, listener)
  }
}

/** Why everything ends early. */
class Stopped extends Error {
  readonly exitCode: number

  constructor(exitCode: number) {
    super('interrupted')
    this.exitCode = exitCode
  }
}

async function runCommand({ command, given }: Parsed, { stdout, stderr, env }: Surroundings, signal: AbortSignal) {
  const { run, groups } = program.commands.find(({ name }) => name === command)!
  let settings: Settings | undefined
  try {
    settings = await settingsFrom(given, env, groups)
    const progress = progressOn(stderr, { quiet: settings.get('quiet') === true, intervalMs: intervalIn(settings) })
    return await run({ settings, stdout, progress, signal }).finally(() => progress.stop())
  } catch (error) {
    const { reason } = signal as { reason: unknown }
    if (!(reason instanceof Stopped)) stderr.write(`optimize-export: ${complaintOf(error, settings)}\n`)
    else if (reason.exitCode !== exit.sigpipe) stderr.write('optimize-export: interrupted\n')
    return reason instanceof Stopped ? reason.exitCode : exitCodeOf(error)
  }
}

function intervalIn(settings: Settings): number {
  const seconds = settings.get('progressInterval') ?? 5
  if (typeof seconds === 'number' && seconds > 0 && seconds <= 86_400) return seconds * 1000
  throw new UsageError(`${settings.nameOf('progressInterval')}: expected seconds`)
}
