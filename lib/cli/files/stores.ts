// The stores of `--out` and `--events`: an address s3://bucket/key is in S3, any other path is on the local disk.
import type { OptionError } from '../../index.js'
import { s3, type ObjectStore, type S3Options } from '../../stores/s3/index.js'
import { getOptionProblem } from '../errors/command-errors.js'
import { storeFlags } from '../flags/store-flags.js'
import type { Progress } from '../progress/progress.js'
import type { Settings } from '../settings.js'
import { UsageError } from '../errors/usage-error.js'

export const isStoreAddress = (path: string) => path.startsWith('s3://')

export function checkStoreFlags(paths: readonly string[], settings: Settings): void {
  const flag = storeFlags.flags.find(({ name }) => settings.get(name) !== undefined)
  if (flag && !paths.some(isStoreAddress)) throw settings.createError(flag.name, 'needs s3://bucket/key')
}

/** Returns the store of a path, or `undefined` for the local disk. Throws a UsageError for a wrong address or flag. */
export function createStore(path: string, settings: Settings, progress?: Progress): ObjectStore | undefined {
  if (!isStoreAddress(path)) return undefined
  const { s3: options } = settings.options(storeFlags) as { s3?: S3Options }
  const store = createS3({ ...options, onWarning: (message) => progress?.alert(message) }, settings)
  if (store.parsePath(path) === undefined) throw new UsageError(`${path}: expected ${store.expectedPath}`)
  return store
}

function createS3(options: S3Options, settings: Settings): ObjectStore {
  try {
    return s3(options)
  } catch (error) {
    const { option } = error as OptionError
    throw settings.createError(`s3.${option}`, getOptionProblem(error as OptionError))
  }
}
