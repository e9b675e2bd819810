// Checks options and adds defaults. Every public function has a rule for each of its options, and resolves them once. The code that it
// calls gets resolved options. Only options that depend on each other are checked there, such as those of `resolveDialect`.
import { describeValue, describeType } from './describe-value.js'
import { OptionError } from './errors.js'
import { findNearest } from './find-nearest.js'

/** A rule for one option. `parse` returns the resolved value; for an invalid value it returns `undefined` or throws an OptionError. */
export interface Rule<T> {
  /** Completes the sentence "expected …". */
  readonly expected: string
  readonly parse: (value: unknown, path: OptionPath) => T | undefined
  /** The value when the option is absent. A rule without this property makes the option required. */
  readonly absent?: { readonly value: T }
  /** If true, no message contains the value. */
  readonly secret?: boolean
}

/** The name of an option in messages: the public function and the dotted name. */
export interface OptionPath {
  readonly where: string
  readonly option: string
}

/**
 * The type of options after {@link resolveOptions}. Each option is there, and only those in `WithoutDefault` may be `undefined`. `Parsed`
 * has the options that get another type.
 */
export type Resolved<Options, WithoutDefault extends keyof Options = never, Parsed = unknown> = {
  readonly [K in Exclude<keyof Options, WithoutDefault | keyof Parsed>]-?: Exclude<Options[K], undefined>
} & { readonly [K in Exclude<WithoutDefault, keyof Parsed>]-?: Options[K] } & Readonly<Parsed>

export type Rules<T> = { readonly [K in keyof T]-?: Rule<T[K]> }

/**
 * Returns a frozen object with every option. Throws an {@link OptionError} if a value breaks the rule of its option, if a required option
 * is missing, or if there is no option of that name.
 */
export function resolveOptions<T extends object>(
  where: string,
  given: unknown,
  rules: Rules<T>,
  prefix = '',
): Readonly<T> {
  if (!isPlainObject(given)) {
    throw new OptionError(where, prefix || 'options', `expected an object, got ${describeValue(given)}`)
  }
  const names = Object.keys(rules)
  for (const name of Object.keys(given)) {
    if (!Object.hasOwn(rules, name))
      throw new OptionError(where, joinPath(prefix, name), describeUnknownOption(name, names))
  }
  const resolved = Object.fromEntries(
    names.map((name) => [
      name,
      resolveOption(given[name], rules[name as keyof T], { where, option: joinPath(prefix, name) }),
    ]),
  )
  return Object.freeze(resolved) as Readonly<T>
}

function resolveOption(value: unknown, rule: Rule<unknown>, path: OptionPath): unknown {
  if (value === undefined) {
    if (rule.absent) return rule.absent.value
    throw new OptionError(path.where, path.option, `expected ${rule.expected}, got nothing`)
  }
  const parsed = rule.parse(value, path)
  if (parsed !== undefined) return parsed
  throw new OptionError(
    path.where,
    path.option,
    `expected ${rule.expected}, got ${rule.secret ? describeType(value) : describeValue(value)}`,
  )
}

function describeUnknownOption(name: string, names: string[]): string {
  const nearest = findNearest(name, names)
  return nearest === undefined
    ? `unknown option, expected one of ${names.join(', ')}`
    : `unknown option, did you mean ${nearest}`
}

const joinPath = (prefix: string, name: string) => (prefix ? `${prefix}.${name}` : name)

export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || prototype === Object.prototype
}

export const withDefault = <T>(rule: Rule<T>, value: T): Rule<T> => ({ ...rule, absent: { value } })

export const optional = <T>(rule: Rule<T>): Rule<T | undefined> => ({ ...rule, absent: { value: undefined } })

export const secret = <T>(rule: Rule<T>): Rule<T> => ({ ...rule, secret: true })

export const integer = (min: number, max = Number.MAX_SAFE_INTEGER): Rule<number> => ({
  expected: max === Number.MAX_SAFE_INTEGER ? `an integer of at least ${min}` : `an integer from ${min} to ${max}`,
  parse: (value) =>
    Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max ? (value as number) : undefined,
})

export const text: Rule<string> = {
  expected: 'a non-empty string',
  parse: (value) => (typeof value === 'string' && value !== '' ? value : undefined),
}

export const anyText: Rule<string> = {
  expected: 'a string',
  parse: (value) => (typeof value === 'string' ? value : undefined),
}

export const boolean: Rule<boolean> = {
  expected: 'true or false',
  parse: (value) => (typeof value === 'boolean' ? value : undefined),
}

export const oneOf = <const T extends string>(...choices: T[]): Rule<T> => ({
  expected: choices
    .map((choice) => `'${choice}'`)
    .join(', ')
    .replace(/, ([^,]*)$/, ' or $1'),
  parse: (value) => choices.find((choice) => choice === value),
})

export const names: Rule<readonly string[]> = {
  expected: 'an array of distinct strings',
  parse: (value) =>
    Array.isArray(value) && value.every((name) => typeof name === 'string') && new Set(value).size === value.length
      ? Object.freeze([...value])
      : undefined,
}

export const callable = <T extends (...args: never[]) => unknown>(expected: string): Rule<T> => ({
  expected,
  parse: (value) => (typeof value === 'function' ? (value as T) : undefined),
})

export const either = <A, B>(first: Rule<A>, second: Rule<B>): Rule<A | B> => ({
  expected: `${first.expected} or ${second.expected}`,
  parse: (value, path) => first.parse(value, path) ?? second.parse(value, path),
})

export const stringRecord: Rule<Readonly<Record<string, string>>> = {
  expected: 'an object of strings',
  parse: (value) =>
    isPlainObject(value) && Object.values(value).every((entry) => typeof entry === 'string')
      ? (Object.freeze({ ...value }) as Readonly<Record<string, string>>)
      : undefined,
}

export const nested = <T extends object>(rules: Rules<T>): Rule<Readonly<T>> => ({
  expected: `an object of ${Object.keys(rules).join(', ')}`,
  parse: (value, { where, option }) => (isPlainObject(value) ? resolveOptions(where, value, rules, option) : undefined),
})

/** No message shows the value, because a wrong value may be a secret. */
export const httpUrl: Rule<URL> = {
  expected: 'an http or https URL without a user',
  parse: (value) => {
    const given = value instanceof URL ? value.href : typeof value === 'string' ? value.trim() : value
    if (typeof given !== 'string' || !URL.canParse(given)) return undefined
    const url = new URL(given)
    return /^https?:$/.test(url.protocol) && !url.username && !url.password ? url : undefined
  },
  secret: true,
}

export const agent: Rule<object> = {
  expected: 'a node http(s) Agent',
  parse: (value) => (typeof value === 'object' && value !== null && 'addRequest' in value ? value : undefined),
}

export const signal: Rule<AbortSignal> = {
  expected: 'an AbortSignal',
  parse: (value) => (value instanceof AbortSignal ? value : undefined),
}
