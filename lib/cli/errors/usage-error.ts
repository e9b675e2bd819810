/** Facts about a {@link UsageError}. `plan-jobs.ts` reads `setting` and `reason`, so that a jobs file shows all its problems. */
export interface UsageErrorFacts {
  readonly lines?: readonly string[]
  readonly setting?: string
  /**
   * `'not applicable'`: the setting is for other formats or databases; or it is only for the file of the records, and the export writes
   * none, because there is no `--out`.
   */
  readonly reason?: 'missing' | 'not applicable'
}

/** The arguments, the environment, the configuration file or the jobs file cannot be used. Exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
  readonly facts: UsageErrorFacts

  constructor(message: string, facts: UsageErrorFacts = {}) {
    super(message)
    this.facts = facts
  }
}
