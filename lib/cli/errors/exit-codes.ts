// The exit codes of the command.

/** Exit codes. A signal has 128 plus its number, as in a shell. */
export const exit = {
  complete: 0,
  failed: 1,
  usage: 2,
  incomplete: 3,
  authentication: 4,
  destination: 5,
  stateInUse: 6,
  sigpipe: 141,
} as const

/** The signals that stop a command, with its exit codes. The command removes its part folders first. */
export const signals = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const

/** Returns the worst exit code: first failures that affect all reports, last those that a new run may repair. */
export function pickWorstExitCode(exitCodes: readonly number[]): number {
  const order = [exit.usage, exit.authentication, exit.destination, exit.failed, exit.incomplete]
  return order.find((code) => exitCodes.includes(code)) ?? exit.complete
}
