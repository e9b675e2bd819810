import { isPlainObject, type Rule } from '../../shared/options.js'

export const positive: Rule<number> = {
  expected: 'a number above 0',
  parse: (value) => (typeof value === 'number' && Number.isFinite(value) && value > 0 ? value : undefined),
}

export const fraction: Rule<number> = {
  expected: 'a number from 0 to 1',
  parse: (value) => (typeof value === 'number' && value >= 0 && value <= 1 ? value : undefined),
}

export const anyArray: Rule<readonly unknown[]> = {
  expected: 'an array',
  parse: (value) => (Array.isArray(value) ? (value as readonly unknown[]) : undefined),
}

export const bytes: Rule<string | Buffer> = {
  expected: 'a string or a Buffer',
  parse: (value) => (typeof value === 'string' || Buffer.isBuffer(value) ? value : undefined),
}

export const matching = (expected: string, test: (value: string) => boolean): Rule<string> => ({
  expected,
  parse: (value) => (typeof value === 'string' && test(value) ? value : undefined),
})

export const contextPath = matching(`'' or a path such as '/optimize'`, (path) => /^(?:\/[^/?#]+)*$/.test(path))

export const collections: Rule<Readonly<Record<string, readonly string[]>>> = {
  expected: 'an object of arrays of report ids',
  parse: (value) =>
    isPlainObject(value) && Object.values(value).every(isTextArray)
      ? (value as Readonly<Record<string, readonly string[]>>)
      : undefined,
}

export const objects: Rule<Record<string, object>> = {
  expected: 'an object of objects',
  parse: (value) =>
    isPlainObject(value) && Object.values(value).every(isPlainObject) ? (value as Record<string, object>) : undefined,
}

const isTextArray = (value: unknown) => Array.isArray(value) && value.every((entry) => typeof entry === 'string')
