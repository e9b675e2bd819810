// The options that select fields, and the option `strict`, which two flags set.
import { UsageError } from './errors/usage-error.js'
import { selectionFlags } from './flags/selection-flags.js'
import { joinWithAnd } from './output/format-text.js'
import type { Settings } from './settings.js'

/** Returns the options `pick`, `omit` and `strict`. */
export function readSelection(settings: Settings) {
  const options = settings.options(selectionFlags)
  delete options['allowUnmatched']
  return { ...options, strict: getStrict(settings) }
}

/**
 * Returns the option `strict`. The default of the command line is `'omit'`, because with a misspelt name in `--omit` a file would
 * contain data that the user wants to leave out.
 */
export function getStrict(settings: Settings): boolean | 'omit' {
  const names = ['strict', 'allowUnmatched']
  const [isStrict, isAllowed] = names.map((name) => settings.get(name) === true)
  if (isStrict && isAllowed)
    throw new UsageError(`${joinWithAnd(names.map((name) => settings.describeSetting(name)))}: expected one of them`, {
      setting: 'strict',
    })
  if (isStrict) return true
  return isAllowed ? false : 'omit'
}
