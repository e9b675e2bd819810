// Figures as people read them.

const LARGE = new Intl.NumberFormat('en-US')

/** `12,345`. */
export const count = (value: number) => LARGE.format(Math.round(value))

/** `1 record`, `2 records`. */
export const counted = (value: number, one: string, more = `${one}s`) => `${count(value)} ${value === 1 ? one : more}`

/** `512 B`, `4.3 MB`: powers of 1000. */
export function bytes(value: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  const power = value < 1000 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(value) / 3))
  return `${power === 0 ? Math.round(value) : (value / 1000 ** power).toFixed(1)} ${units[power]!}`
}

/** `0.4 s`, `12 s`, `3 min 5 s`, `2 h 10 min`. */
export function duration(seconds: number): string {
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`
  const whole = Math.round(seconds)
  if (whole < 60) return `${whole} s`
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`
}

/** Characters that a terminal obeys, that end a line, or that reorder what is shown. */
const CONTROLS = /[\p{Cc}\u2028-\u202e\u2066-\u2069]/gu

const escaped = (character: string) =>
  ({ '\n': '\\n', '\r': '\\r', '\t': '\\t' })[character] ??
  `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`

/** A text from elsewhere on one line, its control characters shown as `\u001b`. */
export const oneLine = (text: string) => text.replace(CONTROLS, escaped)

/** The same, of several lines. */
export const lines = (text: string) => text.split('\n').map(oneLine).join('\n')

/** JSON whose strings have no control characters, also none of those that JSON allows. */
export const asciiJson = (value: unknown) => lines(JSON.stringify(value, null, 2))

/** `42%`, never 100 before it is all. */
export const percent = (share: number) => `${Math.floor(share * 100)}%`
