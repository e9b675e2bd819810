// Flags as data: a name, mostly the name of an option of the library, and a kind that parses the text. The library checks the value.
import { parseQuantity, sizeUnits, timeUnits, type Units } from '../../shared/units.js'

/** The form of the values of a flag. A flag of `names` or `pairs` accepts several values, and may be repeated. */
export type FlagForm = 'switch' | 'number' | 'names' | 'pairs' | 'json' | 'text'

export interface FlagKind {
  readonly form: FlagForm
  /** Parses the value of a pair. */
  readonly parseValue?: (text: string) => unknown
  /** The units that may follow a number, with their factors. */
  readonly units?: Units
  readonly parse: (texts: readonly string[]) => unknown
}

/** A setting as a flag. It may also be a key of the configuration file, unless `settings.ts` leaves it out. */
export interface Flag {
  /** The name of the setting, with a dot if it is inside another: `retry.attempts`. The flag is the name in kebab case. */
  readonly name: string
  /** Another flag for the same setting. */
  readonly alias?: string
  /** The placeholder of its value in the help; a switch has none. */
  readonly placeholder?: string
  /** The allowed values: the completion and the JSON schema of jobs files offer them, and `Settings.checkWord` checks them. */
  readonly words?: readonly string[]
  readonly kind: FlagKind
  /** The value of `--no-<name>`. A flag of the kind {@link offSwitchKind} has only this name. */
  readonly off?: { readonly value: unknown; readonly description: string }
  readonly description: string
}

export interface FlagGroup {
  readonly title: string
  /** The word after `help` that shows the group; none for a group that needs no topic of its own. */
  readonly topic?: string
  /** Another topic that shows the group too. */
  readonly alsoInTopic?: string
  readonly flags: readonly Flag[]
}

/** Returns `retry-min-delay` for `retry.minDelay`. */
export const toKebabCase = (name: string) =>
  name.replace(/[.A-Z]/g, (letter) => (letter === '.' ? '-' : `-${letter.toLowerCase()}`))

export const formatFlag = ({ name, off, kind }: Flag) =>
  off && kind === offSwitchKind ? `--no-${toKebabCase(name)}` : `--${toKebabCase(name)}`

const getLast = (texts: readonly string[]) => texts.at(-1)!

export const textKind: FlagKind = { form: 'text', parse: getLast }

/** Text without the blanks and line breaks around it, such as an id or an address. */
export const trimmedKind: FlagKind = { form: 'text', parse: (texts) => getLast(texts).trim() }

/** Returns the part of a flag that says that its value is one of these words. Blanks and line breaks around the word are removed. */
export const oneOf = (...words: readonly string[]) => ({
  placeholder: `<${words.join('|')}>`,
  words,
  kind: trimmedKind,
})

/** A number; blanks and line breaks around it are ignored. Any other text stays text, and the library rejects it. */
export const numberKind: FlagKind = { form: 'number', parse: (texts) => parseNumber(getLast(texts)) }

const parseNumber = (given: string) => (/^\s*[+-]?\d+(\.\d+)?\s*$/.test(given) ? Number(given) : given)

/** A number with or without a unit: `30s`. Any other text stays text, and the library rejects it. */
const createQuantityKind = (units: Units): FlagKind => ({
  form: 'number',
  units,
  parse: (texts) => parseQuantity(getLast(texts), units) ?? parseNumber(getLast(texts).trim()),
})

/** A time. A number without a unit is milliseconds. */
export const millisecondsKind = createQuantityKind(timeUnits)

/** A time. A number without a unit is seconds. */
export const secondsKind = createQuantityKind(
  Object.fromEntries(Object.entries(timeUnits).map(([unit, ms]) => [unit, ms / 1000])),
)

/** A size. A number without a unit is bytes. */
export const sizeKind = createQuantityKind(sizeUnits)

export const switchKind: FlagKind = { form: 'switch', parse: () => true }

/** A switch that is on by default and has only the name `--no-<name>`. */
export const offSwitchKind: FlagKind = { ...switchKind }

/** Names with commas between them: `a, b`. `\,` is a comma in a name, and `\ ` is a blank at its start or end. */
export const nameListKind: FlagKind = { form: 'names', parse: (texts) => texts.flatMap(splitNames) }

const splitNames = (given: string) =>
  (given.match(/(?:\\,|[^,])+/g) ?? []).map((name) =>
    name
      .replace(/^\s+/, '')
      .replace(/(?<!\\)\s+$/, '')
      .replace(/\\([, ])/g, '$1'),
  )

/** Several texts, such as ids, each without the blanks around it. A comma does not separate them. */
export const trimmedListKind: FlagKind = { form: 'names', parse: (texts) => texts.map((given) => given.trim()) }

/** Text with the escapes `\t`, `\n` and `\r`, or `lf` or `crlf`. */
export const escapedKind: FlagKind = {
  form: 'text',
  parse: (texts) =>
    ({ lf: '\n', crlf: '\r\n' })[getLast(texts).trim()] ??
    getLast(texts).replace(/\\([tnr])/g, (_, letter: string) => ({ t: '\t', n: '\n', r: '\r' })[letter]!),
}

const trim = (given: string): unknown => given.trim()

/**
 * `name=value` or `name:value`; only the first `=` or `:` separates, because a value may contain it. If a text is not a pair, only this
 * text stays, and the library rejects it.
 */
export const pairsKind = (separator: '=' | ':', parseValue = trim) =>
  createPairsKind((given) => given.indexOf(separator), parseValue)

const createPairsKind = (findSeparator: (given: string) => number, parseValue = trim): FlagKind => ({
  form: 'pairs',
  parseValue,
  parse: (texts) => {
    const entries = texts.map((given) => {
      const at = findSeparator(given)
      return at < 1 ? undefined : ([given.slice(0, at).trim(), parseValue(given.slice(at + 1))] as const)
    })
    return texts[entries.indexOf(undefined)] ?? Object.fromEntries(entries as (readonly [string, unknown])[])
  },
})

/** `column=value`; the last `=` separates, because the name of a column may contain it. */
const oneColumnPairKind = createPairsKind((given) => given.lastIndexOf('='))

/** `a=int64,b=decimal(12,2)`, with commas as in other lists of columns; the comma inside `decimal(p,s)` does not separate pairs. */
export const columnPairsKind: FlagKind = {
  ...oneColumnPairKind,
  parse: (texts) =>
    oneColumnPairKind.parse(
      texts.flatMap((given) => splitNames(given.replace(/(=\s*decimal\(\s*\d+\s*),/gi, '$1\\,'))),
    ),
}

/** `attempts=3 minDelay=100`. */
export const numberPairsKind = pairsKind('=', parseNumber)

/** JSON. Any other text stays text, and the library rejects it. */
export const jsonKind: FlagKind = {
  form: 'json',
  parse: (texts) => {
    try {
      return JSON.parse(getLast(texts)) as unknown
    } catch {
      return getLast(texts)
    }
  },
}

/** `all`, `sample` or a list of columns. */
export const columnsKind: FlagKind = {
  form: 'names',
  parse: (texts) => {
    const names = texts.flatMap(splitNames)
    return names.length === 1 && /^(all|sample)$/.test(names[0]!) ? names[0] : names
  },
}
