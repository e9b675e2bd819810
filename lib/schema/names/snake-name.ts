// Column names that SQL accepts without quotes, unless they are reserved: ASCII letters in lower case, digits and `_`, no digit first.
import { createHash } from 'node:crypto'

const HASH_DIGITS = 6

/**
 * Returns `process_instance_id` for `processInstanceId`, `variable_order_total` for `variable:orderTotal`. Accents are removed, and
 * full-width letters become ASCII. If the prefixed name has other characters outside ASCII, the
 * result ends with a hash of the prefixed name.
 */
export function toSnakeName(id: string): string {
  return /[^\p{ASCII}]/u.test(removeAccents(id)) ? toDistinctSnakeName(id) : toSnakeBase(id)
}

/** Returns the snake name with a hash of the prefixed name at its end, for a column whose snake name is not unique. */
export function toDistinctSnakeName(id: string): string {
  return `${toSnakeBase(id)}_${createHash('sha256').update(id).digest('hex').slice(0, HASH_DIGITS)}`
}

const removeAccents = (id: string) => id.normalize('NFKD').replace(/\p{M}/gu, '')

function toSnakeBase(id: string): string {
  const words = removeAccents(id)
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1_$2')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_|_$/g, '')
  return /^[a-z]/.test(words) ? words : `_${words}`
}
