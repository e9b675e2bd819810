// The error about wrong use of the command line. The library checks the values of its options.

/** Facts about a {@link UsageError}, for code that looks for other problems. */
export interface UsageErrorFacts {
  readonly lines?: readonly string[]
  /** The name of the setting that is wrong. */
  readonly setting?: string
  /** Why it is wrong: it is not set, or it is for other formats, other databases, or files without records. */
  readonly reason?: 'missing' | 'not applicable'
}

/** The arguments, the environment or the configuration cannot be used. Exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
  readonly facts: UsageErrorFacts

  constructor(message: string, facts: UsageErrorFacts = {}) {
    super(message)
    this.facts = facts
  }
}
