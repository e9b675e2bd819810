// Imports an optional peer dependency, or says how to install it.
import { OptionError } from './errors.js'

/** Returns the module. Throws an {@link OptionError} with the install line if the package is not installed. */
export async function importPeer<T>(where: string, name: string, load: () => Promise<T>, option = 'into'): Promise<T> {
  try {
    return await load()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error
    throw new OptionError(where, option, `the package ${name} is not installed; run: npm install ${name}`)
  }
}
