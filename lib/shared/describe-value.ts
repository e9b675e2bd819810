/** Returns the type of a value, for a message that must not contain the value itself: `a string`, `an array`, `a Date`. */
export function describeType(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (value === null) return 'null'
  if (value === '') return 'an empty string'
  if (typeof value !== 'object') return `a ${typeof value}`
  if (Array.isArray(value)) return 'an array'
  const tag = getTag(value)
  return tag === 'Object' ? 'an object' : `${/^[AEIO]/.test(tag) ? 'an' : 'a'} ${tag}`
}

/** Returns a text (in quotes, its first 60 characters), a number or a boolean as it is, and the type of any other value. */
export function describeValue(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value)
  if (typeof value === 'bigint') return `${value}n`
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : describeType(value)
}

/** Returns a count with its noun: `1 restart`, `2 restarts`. */
export const describeCount = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`

/** The kind of an object: `Object` for one with fields, also of a class; `Map`, `Date`. Source: ECMA-262, Object.prototype.toString. */
export const getTag = (value: object) => Object.prototype.toString.call(value).slice('[object '.length, -1)
