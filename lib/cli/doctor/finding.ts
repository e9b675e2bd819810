export interface Finding {
  readonly result: 'ok' | 'warning' | 'failed'
  readonly message: string
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
