// The stores of `--out` and `--events`: an address such as s3://bucket/key, else the local disk. A new one is a line here.
import type { OptionError } from '../index.js'
import { s3, type ObjectStore, type S3Options } from '../destinations/s3/index.js'
import { getOptionProblem } from './failures.js'
import { pairs, switchKind, type FlagGroup } from './flags.js'
import type { Progress } from './progress/progress.js'
import type { Settings } from './settings.js'
import { UsageError } from './usage-error.js'

/** The flags of object stores. */
export const storeFlags: FlagGroup = {
  title: 'Object store (--out s3://bucket/key):',
  flags: [
    { name: 's3.ifNoneMatch', kind: switchKind, description: 'an object that exists is an error and stays' },
    {
      name: 's3.parameters',
      placeholder: '<name=value...>',
      kind: pairs('='),
      description: 'parameters of the object, as the AWS SDK names them: ServerSideEncryption=aws:kms',
    },
  ],
}

/** Returns true for an address of an object store. */
export const isAddress = (path: string) => path.startsWith('s3://')

/** Throws if a flag of object stores is set and no path is in one. */
export function checkStoreFlags(paths: readonly string[], settings: Settings): void {
  const flag = storeFlags.flags.find(({ name }) => settings.get(name) !== undefined)
  if (flag && !paths.some(isAddress))
    throw new UsageError(`${settings.describeSetting(flag.name)}: needs s3://bucket/key`)
}

/** Returns the store of a path, or `undefined` for the local disk. Throws a UsageError for a wrong address or flag. */
export function createStore(path: string, settings: Settings, progress: Progress): ObjectStore | undefined {
  if (!isAddress(path)) return undefined
  const { s3: options } = settings.options(storeFlags) as { s3?: S3Options }
  const store = createS3({ ...options, onWarning: (message) => progress.alert(message) }, settings)
  if (store.parsePath(path) === undefined) throw new UsageError(`${path}: expected ${store.expectedPath}`)
  return store
}

function createS3(options: S3Options, settings: Settings): ObjectStore {
  try {
    return s3(options)
  } catch (error) {
    const { option } = error as OptionError
    throw new UsageError(`${settings.describeSetting(`s3.${option}`)}: ${getOptionProblem(error as OptionError)}`)
  }
}
