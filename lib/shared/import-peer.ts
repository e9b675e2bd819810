import { OptionError } from './errors.js'
import { isInstalledGlobally } from './package-version.js'

export interface PeerRequirement {
  /**
   * The option that needs the package, for `OptionError.option`. The message does not name it, because the function that throws the error
   * may not have this option: `toArrow` has no `format`.
   */
  readonly option: string
  /** All packages that the option needs, for one command that installs them. @default the package alone */
  readonly installTogether?: readonly string[]
}

/** Returns the module. Throws an {@link OptionError} with the install line if the package is not installed. */
export async function importPeer<T>(
  where: string,
  name: string,
  load: () => Promise<T>,
  { option, installTogether = [name] }: PeerRequirement,
): Promise<T> {
  try {
    return await load()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error
    const install = isInstalledGlobally(import.meta.dirname) ? 'npm install --global' : 'npm install'
    const problem = `the package ${name} is not installed; run: ${install} ${installTogether.join(' ')}`
    throw new OptionError(where, option, problem, `${where}: ${problem}`)
  }
}
