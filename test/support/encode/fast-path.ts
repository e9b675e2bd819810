// The switch of the fast path in tests.
import { isFastPathOn } from '../../../lib/fastpath/common/webassembly.js'

/** Runs the work with the fast path off; kernels that exist already stay. */
export const withFastPathOff = <T>(work: () => T | Promise<T>): Promise<T> => withFastPath('off', work)

/** Runs the work with this value of the switch. */
export async function withFastPath<T>(value: string, work: () => T | Promise<T>): Promise<T> {
  const before = process.env['OPTIMIZE_EXPORT_FASTPATH']
  process.env['OPTIMIZE_EXPORT_FASTPATH'] = value
  try {
    return await work()
  } finally {
    if (before === undefined) delete process.env['OPTIMIZE_EXPORT_FASTPATH']
    else process.env['OPTIMIZE_EXPORT_FASTPATH'] = before
  }
}

/** The reason why a test of the fast path itself is skipped; false if it runs. */
export const skipWithoutFastPath: string | false = isFastPathOn() ? false : 'tests the fast path, which is off'
