// Chooses the parts of a proof that run. A short run has all quick parts and one of the others; the hash of the commit decides which, so
// that a run can be repeated and the runs of several commits cover all parts.
import { spawnSync } from 'node:child_process'

export interface Choice {
  readonly name: string
  /** Whether `--short` runs it: always, when it is its turn, or never, because it is long or large. @default 'turn' */
  readonly short?: 'always' | 'turn' | 'never'
}

/**
 * Returns the parts whose names begin with one of the arguments, or all parts without arguments; with `--short` the quick ones among
 * them and one of the others.
 * @throws Error if no name begins with an argument
 */
export function selectParts<T extends Choice>(all: readonly T[], args: readonly string[]): readonly T[] {
  const names = args.filter((arg) => arg !== '--short')
  const found = all.filter(({ name }) => names.length === 0 || names.some((start) => name.startsWith(start)))
  if (found.length === 0)
    throw new Error(`nothing is called ${names.join(', ')}; there are ${all.map(({ name }) => name).join(', ')}`)
  if (names.length === args.length) return found
  const inTurn = found.filter(({ short = 'turn' }) => short === 'turn')
  const turn = inTurn.length > 0 ? turnOf(inTurn) : undefined
  return found.filter((part) => part.short === 'always' || part === turn)
}

/** Lets a signal end the process with its exit code, so that `exit` listeners run. */
export function exitOnSignals(): void {
  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)
    process.once(signal, () => process.exit(code))
}

/** Returns the part whose turn it is: by TURN=N if that is set, else by the hash of the last commit, or by the day without a commit. */
export function turnOf<T>(parts: readonly T[]): T {
  const { TURN } = process.env
  const { status, stdout } = spawnSync('git', ['rev-parse', '--short=8', 'HEAD'], { encoding: 'utf8' })
  const byCommit = status === 0 ? Number.parseInt(stdout, 16) : Math.floor(Date.now() / 86_400_000)
  const turn = (TURN === undefined ? byCommit : Number(TURN)) % parts.length
  process.stdout.write(`part ${turn} of 0 to ${parts.length - 1}; TURN=${turn} runs the same part again\n`)
  return parts[turn]!
}
