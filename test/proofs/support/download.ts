// Runs package managers for the proofs, and tries again, so that a server that cannot be reached for a moment makes no proof fail.
import { spawnSync } from 'node:child_process'

/** Seconds before the second, the third and the fourth try. */
const PAUSES = [5, 15, 30]

/**
 * Runs a program that loads packages, until it succeeds: once, and again after each pause.
 *
 * @throws Error if the program is not on this machine, or with its output if the last try fails too
 */
export function download(
  [program, ...args]: readonly [string, ...string[]],
  { cwd, pauses = PAUSES }: { readonly cwd?: string; readonly pauses?: readonly number[] } = {},
): void {
  for (const pause of [...pauses, undefined]) {
    const shell = process.platform === 'win32'
    const { status, signal, error, stdout, stderr } = spawnSync(program, args, { cwd, shell, encoding: 'utf8' })
    if (error) throw new Error(`${program} is needed, and npm run proof:tools installs it: ${error.message}`)
    if (status === 0) return
    const failure = `${program} ${args.join(' ')} failed with ${status ?? signal}:\n${stdout}${stderr}`
    if (signal !== null || pause === undefined) throw new Error(failure)
    process.stderr.write(`${failure}\nnext try in ${pause} s\n`)
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, pause * 1000)
  }
}
