/** What a check of `optimize-export doctor` found. */
export interface Finding {
  /** The name of the check, such as `address`. */
  readonly check: string
  readonly result: 'ok' | 'warning' | 'failed'
  readonly message: string
  /** The action that a user can take. */
  readonly remedy?: string | undefined
}

/** A check that failed. The checks after it do not run. */
export class CheckFailure extends Error {
  readonly remedy: string | undefined

  constructor(message: string, remedy?: string) {
    super(message)
    this.remedy = remedy
  }
}
