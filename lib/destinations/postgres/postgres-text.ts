// Values and names that PostgreSQL cannot store.
import { isStorableText, toStorableText } from '../../load/storable-text.js'
import { ExportError } from '../../shared/errors.js'

/** Finds an escaped backslash, a pair of escaped surrogates, and the escapes that `jsonb` refuses: half of a pair, and `\u0000`. */
const JSON_ESCAPES = /\\\\|\\ud[89ab][0-9a-f]{2}\\ud[c-f][0-9a-f]{2}|\\ud[89a-f][0-9a-f]{2}|\\u0000/gi

const isRefused = (escape: string) => escape.length === 6

export const isStorableJson = (json: string): boolean =>
  isStorableText(json) && !(json.match(JSON_ESCAPES) ?? []).some(isRefused)

/** Returns the JSON with U+FFFD in the place of each character and each escape that PostgreSQL cannot store. */
export const toStorableJson = (json: string): string =>
  toStorableText(json).replace(JSON_ESCAPES, (escape) => (isRefused(escape) ? '\ufffd' : escape))

/** Throws `ERR_CELL_TYPE` if PostgreSQL cannot store the name of a column. */
export function throwIfNotStorable(where: string, id: string): void {
  if (isStorableText(id)) return
  const problem = 'expected a name that PostgreSQL can store, got one with U+0000 or half of a surrogate pair'
  const message = `${where}: column ${JSON.stringify(id)}: ${problem}; use invalidText: 'replace', or omit the column`
  throw new ExportError('ERR_CELL_TYPE', message)
}
