// The error of a run whose state another run uses.

/** Another run of the same jobs is not over. Exit code 6. */
export class BusyError extends Error {
  override readonly name = 'BusyError'
  readonly code = 'ERR_BUSY'
}
