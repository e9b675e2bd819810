// JSON text of what users and servers put into records: with all digits, and with an error for what JSON.stringify passes over.
import { digitsAt, hasDigits } from './digits.js'

/** Whether JSON.stringify writes all of an acyclic value, and its numbers as they came. False also where it may not. */
export function isWrittenWhole(value: unknown): boolean {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return true
    case 'number':
      return Number.isFinite(value)
    case 'object':
      return value === null || isObjectWrittenWhole(value)
    default:
      return false
  }
}

function isObjectWrittenWhole(value: object): boolean {
  if (hasDigits(value)) return false
  if (Array.isArray(value)) {
    for (const part of value as unknown[]) if (!isWrittenWhole(part)) return false
    return true
  }
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype) return value instanceof Date && !Number.isNaN(value.getTime())
  const parts = value as Record<string, unknown>
  for (const key in parts) {
    const part = parts[key]
    if (part !== undefined && !isWrittenWhole(part)) return false
  }
  return true
}

/**
 * The text that JSON.stringify would write if it knew `bigint` and digits; undefined where it writes none. Throws a TypeError that
 * names the place of what JSON cannot hold.
 */
export function exactText(value: unknown): string | undefined {
  return textAt([value], '0', '')
}

/** @param path names the place for an error: `variables.amount` */
function textAt(holder: object, key: string, path: string): string | undefined {
  const value = meant((holder as Record<string, unknown>)[key], key)
  switch (typeof value) {
    case 'number':
      return digitsAt(holder, key) ?? finiteText(value, path)
    case 'bigint':
      return String(value)
    case 'object':
      return value === null ? 'null' : Array.isArray(value) ? listText(value, path) : objectText(value, path)
    case 'function':
    case 'symbol':
      throw unwritable(path, `a ${typeof value}`)
    default:
      return JSON.stringify(value)
  }
}

/** The value that is written for an object: the result of its toJSON, or the value that it wraps. */
function meant(value: unknown, key: string): unknown {
  const own = (value as { toJSON?: unknown } | null | undefined)?.toJSON
  const said: unknown = typeof own === 'function' && !isInvalidDate(value) ? own.call(value, key) : value
  const isWrapper =
    said instanceof Number || said instanceof String || said instanceof Boolean || said instanceof BigInt
  return isWrapper ? said.valueOf() : said
}

const isInvalidDate = (value: unknown) => value instanceof Date && Number.isNaN(value.getTime())

function finiteText(value: number, path: string): string {
  if (!Number.isFinite(value)) throw unwritable(path, String(value))
  return JSON.stringify(value)
}

function listText(list: readonly unknown[], path: string): string {
  const texts = Array.from(list, (_, at) => {
    const place = `${path}[${at}]`
    const text = textAt(list, String(at), place)
    if (text === undefined) throw unwritable(place, 'undefined')
    return text
  })
  return `[${texts.join(',')}]`
}

function objectText(value: object, path: string): string {
  if (isInvalidDate(value)) throw unwritable(path, 'an invalid Date')
  if (value instanceof Map || value instanceof Set) throw unwritable(path, `a ${value.constructor.name}`)
  const texts: string[] = []
  for (const key of Object.keys(value)) {
    const text = textAt(value, key, path === '' ? key : `${path}.${key}`)
    if (text !== undefined) texts.push(`${JSON.stringify(key)}:${text}`)
  }
  return `{${texts.join(',')}}`
}

/** A value, or a part of it, that JSON.stringify would leave out or write as null. */
export class NotJson extends TypeError {}

function unwritable(path: string, got: string): NotJson {
  return new NotJson(`${path === '' ? '' : `${path}: `}expected a value that JSON can hold, got ${got}`)
}
