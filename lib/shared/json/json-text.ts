// Writes values as JSON text with all digits.
import { copyDigits, getDigits, hasDigits } from './digits.js'

/** Returns whether JSON.stringify writes an acyclic value as {@link toExactJson} does. False if in doubt. */
export function isExactlySerializable(value: unknown): boolean {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return true
    case 'number':
      return Number.isFinite(value)
    case 'object':
      return value === null || isObjectExactlySerializable(value)
    default:
      return false
  }
}

function isObjectExactlySerializable(value: object): boolean {
  if (hasDigits(value)) return false
  if (Array.isArray(value)) {
    for (const part of value as unknown[]) if (!isExactlySerializable(part)) return false
    return true
  }
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype) return value instanceof Date && !Number.isNaN(value.getTime())
  const parts = value as Record<string, unknown>
  for (const key in parts) {
    const part = parts[key]
    if (part !== undefined && !isExactlySerializable(part)) return false
  }
  return true
}

/**
 * Returns the text that JSON.stringify would write if it supported `bigint` and kept digits; `undefined` for the value `undefined`. Throws
 * a {@link NotJsonError} with the path of a value that JSON cannot hold: a function, NaN, a Map, or `undefined` in an array.
 */
export function toExactJson(value: unknown): string | undefined {
  return formatProperty([value], '0', '')
}

/** @param path the path of the value for an error: `variables.amount` */
function formatProperty(holder: object, key: string, path: string): string | undefined {
  const value = unwrapValue((holder as Record<string, unknown>)[key], key)
  switch (typeof value) {
    case 'number':
      return getDigits(holder, key) ?? formatNumber(value, path)
    case 'bigint':
      return String(value)
    case 'object':
      return value === null ? 'null' : Array.isArray(value) ? formatArray(value, path) : formatObject(value, path)
    case 'function':
    case 'symbol':
      throw createNotJsonError(path, `a ${typeof value}`)
    default:
      return JSON.stringify(value)
  }
}

/** Calls the method toJSON, except of an invalid Date, and takes the value out of a wrapper such as `new Number(1)`. */
function unwrapValue(value: unknown, key: string): unknown {
  const toJson = (value as { toJSON?: unknown } | null | undefined)?.toJSON
  const converted: unknown = typeof toJson === 'function' && !isInvalidDate(value) ? toJson.call(value, key) : value
  const isWrapper =
    converted instanceof Number ||
    converted instanceof String ||
    converted instanceof Boolean ||
    converted instanceof BigInt
  return isWrapper ? converted.valueOf() : converted
}

const isInvalidDate = (value: unknown) => value instanceof Date && Number.isNaN(value.getTime())

function formatNumber(value: number, path: string): string {
  if (!Number.isFinite(value)) throw createNotJsonError(path, String(value))
  return JSON.stringify(value)
}

function formatArray(list: readonly unknown[], path: string): string {
  const texts = Array.from(list, (_, index) => {
    const itemPath = `${path}[${index}]`
    const text = formatProperty(list, String(index), itemPath)
    if (text === undefined) throw createNotJsonError(itemPath, 'undefined')
    return text
  })
  return `[${texts.join(',')}]`
}

function formatObject(value: object, path: string): string {
  if (isInvalidDate(value)) throw createNotJsonError(path, 'an invalid Date')
  if (value instanceof Map || value instanceof Set) throw createNotJsonError(path, `a ${value.constructor.name}`)
  const texts: string[] = []
  for (const key of Object.keys(value)) {
    const text = formatProperty(value, key, path === '' ? key : `${path}.${key}`)
    if (text !== undefined) texts.push(`${JSON.stringify(key)}:${text}`)
  }
  return `{${texts.join(',')}}`
}

/**
 * Replaces objects with the method `toJSON`, and wrappers such as `new Number(1)`, by their values; a Date stays a Date. Returns the value
 * itself if it has none of them. Throws a {@link NotJsonError} for a function or a symbol.
 *
 * @param path the path of the value for an error: `variables.amount`
 */
export function toPlainValue(value: unknown, path: string): unknown {
  try {
    return copyIfNotPlain(value, path)
  } catch (error) {
    throw toNestingError(error)
  }
}

function copyIfNotPlain(value: unknown, path: string): unknown {
  if (typeof value === 'function' || typeof value === 'symbol') throw createNotJsonError(path, `a ${typeof value}`)
  if (typeof value !== 'object' || value === null || value instanceof Date) return value
  const unwrapped = unwrapValue(value, '')
  if (unwrapped !== value) return copyIfNotPlain(unwrapped, path)
  let copy: Record<string, unknown> | undefined
  for (const [key, part] of Object.entries(value) as [string, unknown][]) {
    const plain = copyIfNotPlain(part, path === '' ? key : `${path}.${key}`)
    if (plain === part) continue
    copy ??= (Array.isArray(value) ? [...(value as unknown[])] : { ...value }) as Record<string, unknown>
    copy[key] = plain
  }
  if (copy) copyDigits(value, copy)
  return copy ?? value
}

export class NotJsonError extends TypeError {}

export class NestingError extends NotJsonError {}

/** Returns a {@link NestingError} for the error with which Node.js refuses to recurse deeper into a value, and any other error as it is. */
export function toNestingError(error: unknown): unknown {
  const isTooDeep = error instanceof RangeError && error.message.includes('call stack')
  return isTooDeep ? new NestingError('a value is nested too deeply', { cause: error }) : error
}

function createNotJsonError(path: string, got: string): NotJsonError {
  return new NotJsonError(`${path === '' ? '' : `${path}: `}expected a value that JSON can hold, got ${got}`)
}
