import { OptionError } from './errors.js'
import { isInstalledGlobally } from './package-version.js'

export interface PeerNames {
  /**
   * The option of the command or of `load` that needs the package. It is the option of the error, but not in the message, because the
   * function that needs the package may not have it. @default 'into'
   */
  readonly option?: string
  /** All packages that the option needs, for one command that installs them. @default the package alone */
  readonly together?: readonly string[]
}

/** Returns the module. Throws an {@link OptionError} with the install line if the package is not installed. */
export async function importPeer<T>(
  where: string,
  name: string,
  load: () => Promise<T>,
  { option = 'into', together = [name] }: PeerNames = {},
): Promise<T> {
  try {
    return await load()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error
    const install = isInstalledGlobally(import.meta.dirname) ? 'npm install --global' : 'npm install'
    const problem = `the package ${name} is not installed; run: ${install} ${together.join(' ')}`
    throw new OptionError(where, option, problem, `${where}: ${problem}`)
  }
}
