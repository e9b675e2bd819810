// The error about wrong use of the command line. The library checks the values of its options.

/** The arguments, the environment or the configuration cannot be used. Exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}
