// The switch of the fast path, for one piece of work.

/** Runs the work with the fast path off; kernels that exist already stay. */
export async function withFastPathOff<T>(work: () => T | Promise<T>): Promise<T> {
  const before = process.env['OPTIMIZE_EXPORT_FASTPATH']
  process.env['OPTIMIZE_EXPORT_FASTPATH'] = 'off'
  try {
    return await work()
  } finally {
    if (before === undefined) delete process.env['OPTIMIZE_EXPORT_FASTPATH']
    else process.env['OPTIMIZE_EXPORT_FASTPATH'] = before
  }
}
