/** The exit codes of the command. A signal has 128 plus its number, as in a shell. */
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

/**
 * Returns true if the server refused the token of a report or a job: no other report or job with this token should be tried. The code
 * `ERR_AUTH` is not enough, because a token endpoint that is down has it too.
 */
export const hasRefusedToken = ({ exitCode }: { readonly exitCode: number }) => exitCode === exit.authentication

/** The signals that stop a command, and their exit codes. After the first signal the command removes its part folders, then exits. */
export const signals = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const

/** The exit codes of failed reports and jobs, the most severe one first. */
export const exitCodesBySeverity = [exit.usage, exit.authentication, exit.destination, exit.failed, exit.incomplete]

export const pickWorstExitCode = (exitCodes: readonly number[]): number =>
  exitCodesBySeverity.find((code) => exitCodes.includes(code)) ?? exit.complete

export const exitCodeTexts: readonly (readonly [code: number, meaning: string, whatToDo: string])[] = [
  [exit.complete, 'complete', 'go on; what changed in the report is in the warnings, and in "changes" of --json'],
  [exit.failed, 'failed', 'try again later, a few times; ERR_REPORT_NOT_FOUND and ERR_CELL_TYPE need a person'],
  [exit.usage, 'usage', 'tell someone; a flag, a setting or the jobs file is wrong, so a retry fails too'],
  [exit.incomplete, 'incomplete', 'try again later, a few times; ERR_SUSPICIOUS_LOAD and ERR_NOT_SORTED need a person'],
  [exit.authentication, 'authentication', 'tell someone; the token or its permissions are wrong, so a retry fails too'],
  [
    exit.destination,
    'database, object store or changed columns',
    'try again later, a few times; ERR_SCHEMA_CHANGE and the SQLSTATEs 28xxx, 42501 and 22xxx need a person',
  ],
  [exit.stateInUse, 'another run uses the state', 'try again later'],
  ...Object.entries(signals).map(([name, code]) => [code, name, 'no file or table is partial; run it again'] as const),
  [exit.sigpipe, 'stdout was closed', 'nothing to do if its reader, such as head, needed no more'],
  [137, 'killed', 'often because the memory was full; run it again with more memory'],
]
