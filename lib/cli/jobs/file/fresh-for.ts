// The time of `fresh-for` and `--fresh-for`: how young the last success of a job must be for the job to be skipped.
import { durationRule } from '../../../shared/units.js'

export const FRESH_FOR_FORM = 'a duration such as 30m, 6h or 7d'

/**
 * Returns the milliseconds, or undefined if the text is not a duration with a unit. A number alone is refused, because it would mean
 * milliseconds where the user may mean hours.
 */
export const parseFreshFor = (text: string): number | undefined =>
  /[a-z]/.test(text) ? durationRule.parse(text, { where: '', option: 'fresh-for' }) : undefined
