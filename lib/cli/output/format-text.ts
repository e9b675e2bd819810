/** `12,345`. */
export const formatCount = (value: number) => String(Math.round(value)).replace(/\B(?=(?:\d{3})+$)/g, ',')

/** `1 record`, `2 records`. */
export const pluralize = (value: number, singular: string, plural = `${singular}s`) =>
  `${formatCount(value)} ${value === 1 ? singular : plural}`

/** `a, b or c`. */
export const joinWithOr = (words: readonly string[]) => joinWith(words, ' or ')

/** `a, b and c`. */
export const joinWithAnd = (words: readonly string[]) => joinWith(words, ' and ')

const joinWith = (words: readonly string[], last: string) => words.join(', ').replace(/, (?!.*, )/, last)

/** `512 B`, `4.3 MB`: powers of 1000. */
export function formatBytes(value: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  const power = value < 1000 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(value) / 3))
  return `${power === 0 ? Math.round(value) : (value / 1000 ** power).toFixed(1)} ${units[power]!}`
}

/** `0.4 s`, `12 s`, `3 min 5 s`, `2 h 10 min`. */
export function formatDuration(seconds: number): string {
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`
  const wholeSeconds = Math.round(seconds)
  if (wholeSeconds < 60) return `${wholeSeconds} s`
  if (wholeSeconds < 3600) return `${Math.floor(wholeSeconds / 60)} min ${wholeSeconds % 60} s`
  return `${Math.floor(wholeSeconds / 3600)} h ${Math.floor((wholeSeconds % 3600) / 60)} min`
}

/** Characters that control a terminal, end a line or change the text direction. */
const CONTROL_CHARACTERS = /[\p{Cc}\u2028-\u202e\u2066-\u2069]/gu

const escapeCharacter = (character: string) =>
  ({ '\n': '\\n', '\r': '\\r', '\t': '\\t' })[character] ??
  `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`

/** Returns a text on one line, with escapes such as `\u001b` for control characters. */
export const escapeLine = (text: string) => text.replace(CONTROL_CHARACTERS, escapeCharacter)

export const escapeLines = (text: string) => text.split('\n').map(escapeLine).join('\n')

/** Returns JSON without the control characters that JSON allows in strings. */
export const formatJson = (value: unknown) => escapeLines(JSON.stringify(value, null, 2))

export const wrapText = (text: string, indent = 2) =>
  text.replace(/(?=\S)(.{1,100})(?:\s|$)/g, `${' '.repeat(indent)}$1\n`).trimEnd()

/** `42%`, rounded down, so that 100% means complete. */
export const formatPercent = (share: number) => `${Math.floor(share * 100)}%`
