// What takes turns in short runs: the commit decides, so that a run can be repeated, and over some commits everything is run.
import { spawnSync } from 'node:child_process'

/** The part whose turn it is, by the hash of the last commit, or by TURN=N if that is set; by the day where there is no commit. */
export function turnOf<T>(parts: readonly T[]): T {
  const { TURN } = process.env
  const { status, stdout } = spawnSync('git', ['rev-parse', '--short=8', 'HEAD'], { encoding: 'utf8' })
  const byCommit = status === 0 ? Number.parseInt(stdout, 16) : Math.floor(Date.now() / 86_400_000)
  const turn = (TURN === undefined ? byCommit : Number(TURN)) % parts.length
  process.stdout.write(`part ${turn} of 0 to ${parts.length - 1}; TURN=${turn} runs the same part again\n`)
  return parts[turn]!
}
