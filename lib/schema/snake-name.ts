// Column names that every SQL engine takes without quotes: ASCII letters in lower case, digits and `_`, no digit first.
import { createHash } from 'node:crypto'

const HASH_DIGITS = 6

/**
 * `process_instance_id` for `processInstanceId`, `variable_order_total` for `variable:orderTotal`. A name with letters that
 * ASCII does not have, accents aside, ends with a hash of the source name. So it depends on the source name alone.
 */
export function toSnakeName(id: string): string {
  return /[^\p{ASCII}]/u.test(removeAccents(id)) ? toDistinctSnakeName(id) : toSnakeBase(id)
}

/** The same with a hash of the source name at its end, for a name that two columns would have. */
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
