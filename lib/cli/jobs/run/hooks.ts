// Runs the command of `on-success` or `on-failure` with the summary on its stdin.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Context } from '../../context.js'
import type { RunSummary } from './run-planned-jobs.js'

const HOOK_TIMEOUT_MS = 60_000
/** After a signal or a failure of stdout the process must end soon. */
const STOPPED_HOOK_TIMEOUT_MS = 10_000

/**
 * Runs a command in a shell. Resolves to the reason why it failed, or to undefined. Except on Windows, the command has a process group of
 * its own, so Ctrl+C does not reach it. The command is killed after the time limit, and at a second signal.
 */
export async function runHook(
  command: string,
  summary: RunSummary,
  { env, signal, killSignal }: Pick<Context, 'env' | 'signal' | 'killSignal'>,
): Promise<string | undefined> {
  try {
    const child = spawn(command, {
      shell: true,
      detached: hasProcessGroups(process.platform),
      stdio: ['pipe', 'ignore', 'inherit'],
      env: { ...env, OPTIMIZE_EXPORT_EXIT_CODE: String(summary.exitCode) },
    })
    const limit = limitTime(() => killGroup(child.pid!), signal, killSignal)
    // a command that does not read its stdin is not a failure
    child.stdin.on('error', () => undefined)
    child.stdin.end(`${JSON.stringify(summary, null, 2)}\n`)
    const [code, endedBy] = (await once(child, 'close').finally(limit.clear)) as [number | null, NodeJS.Signals | null]
    if (code === 0) return undefined
    return code === null ? `it was ended by ${endedBy!} (the limit is ${limit.getMs() / 1000} s)` : `exit code ${code}`
  } catch (error) {
    return (error as Error).message
  }
}

/** Calls `kill` when the time for a hook is over, and at the second signal. If the run is stopped, that time is shorter. */
function limitTime(kill: () => void, signal: AbortSignal, killSignal: AbortSignal) {
  const ended = new AbortController()
  let ms = signal.aborted ? STOPPED_HOOK_TIMEOUT_MS : HOOK_TIMEOUT_MS
  let timer = setTimeout(kill, ms)
  const shorten = () => {
    clearTimeout(timer)
    ms = STOPPED_HOOK_TIMEOUT_MS
    timer = setTimeout(kill, ms)
  }
  signal.addEventListener('abort', shorten, { signal: ended.signal })
  killSignal.addEventListener('abort', kill, { signal: ended.signal })
  const clear = () => {
    clearTimeout(timer)
    ended.abort()
  }
  return { clear, getMs: () => ms }
}

const hasProcessGroups = (platform: string) => platform !== 'win32'

/** Kills the process group that a process leads, on Windows only the process. Does nothing if they have ended. */
export function killGroup(pid: number, platform: string = process.platform): void {
  try {
    process.kill(hasProcessGroups(platform) ? -pid : pid, 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
