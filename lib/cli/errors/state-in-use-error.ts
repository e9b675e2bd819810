/** Another run uses the same state file. Exit code 6. */
export class StateInUseError extends Error {
  override readonly name = 'StateInUseError'
  readonly code = 'ERR_STATE_IN_USE'
}
