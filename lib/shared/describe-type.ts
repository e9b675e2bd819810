/** Returns the type of a value for a message, which must not contain the value itself: `a string`, `an array`, `a Date`. */
export function describeType(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (value === null) return 'null'
  if (typeof value !== 'object') return `a ${typeof value}`
  if (Array.isArray(value)) return 'an array'
  const tag = getTag(value)
  return tag === 'Object' ? 'an object' : `a ${tag}`
}

/** The kind of an object: `Object` for one with fields, also of a class; `Map`, `Date`. Source: ECMA-262, Object.prototype.toString. */
export const getTag = (value: object) => Object.prototype.toString.call(value).slice('[object '.length, -1)
