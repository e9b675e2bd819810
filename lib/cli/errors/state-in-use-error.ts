// The error of a run whose state another run uses.

/** Another run of the same jobs is not over. Exit code 6. */
export class StateInUseError extends Error {
  override readonly name = 'StateInUseError'
  readonly code = 'ERR_STATE_IN_USE'
}
