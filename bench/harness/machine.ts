// Describes the machine and the time of a run in one line.
import { execFileSync } from 'node:child_process'
import { cpus, loadavg, totalmem } from 'node:os'

/** Date, Node, cores, memory, load and commit. */
export function describeMachine(): string {
  const date = new Date().toISOString().slice(0, 16).replace('T', ' ')
  const { model = 'unknown processor' } = cpus()[0] ?? {}
  const memory = `${Math.round(totalmem() / 2 ** 30)} GiB`
  const load = `load ${loadavg()[0]!.toFixed(1)} at the start`
  return `${date} UTC, Node ${process.version}, ${process.platform} ${process.arch}, ${cpus().length} cores (${model.trim()}), ${memory}, ${load}, ${describeCommit()}`
}

function describeCommit(): string {
  try {
    const git = (...args: string[]) =>
      execFileSync('git', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
    const dirty = git('status', '--porcelain', '--untracked-files=no', '--', ':(top)lib').trim() !== ''
    return `commit ${git('rev-parse', '--short', 'HEAD').trim()}${dirty ? ' with changes' : ''}`
  } catch {
    return 'no commit known'
  }
}
