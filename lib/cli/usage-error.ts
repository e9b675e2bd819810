// Misuse that only the command line can see; what an option may be is the library's to say.

/** The arguments, the environment or the configuration cannot be used. Exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}
