// The error about wrong use of the command line. The library checks the values of its options.

/** The arguments, the environment or the configuration cannot be used. Exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
  /** Further lines of the message. */
  readonly lines: readonly string[]

  constructor(message: string, lines: readonly string[] = []) {
    super(message)
    this.lines = lines
  }
}
