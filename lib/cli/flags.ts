// A flag as data: the option of the library it stands for, and how its text becomes that option's value. Whether the
// value is a good one is the library's to say.

/** Reads the text of a flag into a value. */
export interface FlagKind {
  /** The flag takes one value after the other, and may be given again. */
  readonly isList?: true
  readonly parse: (texts: readonly string[]) => unknown
}

/** One setting: a flag, and a key of the configuration file. */
export interface Flag {
  /** The name of the setting, dotted where it is inside another: `retry.attempts`. Its flag is the same in kebab case. */
  readonly name: string
  /** Another flag for the same. */
  readonly alias?: string
  /** The placeholder of its value in the help; a switch has none. */
  readonly placeholder?: string
  readonly kind: FlagKind
  /** There is also `--no-<name>`, which means this value; a flag that takes nothing is then only that. */
  readonly off?: { readonly value: unknown; readonly description: string }
  readonly description: string
}

/** Flags that stand together in the help. */
export interface FlagGroup {
  readonly title: string
  readonly flags: readonly Flag[]
}

/** `retry.minDelay` becomes `retry-min-delay`. */
export const toKebabCase = (name: string) =>
  name.replace(/[.A-Z]/g, (letter) => (letter === '.' ? '-' : `-${letter.toLowerCase()}`))

/** The flag as it is typed. */
export const formatFlag = ({ name, off, kind }: Flag) =>
  off && kind === offSwitchKind ? `--no-${toKebabCase(name)}` : `--${toKebabCase(name)}`

const getLast = (texts: readonly string[]) => texts.at(-1)!

export const text: FlagKind = { parse: getLast }

/** Text that has no blanks or line breaks around it, such as an id or an address. */
export const word: FlagKind = { parse: (texts) => getLast(texts).trim() }

/** A text that is no number stays text, for the library to refuse. */
export const number: FlagKind = { parse: (texts) => parseNumber(getLast(texts)) }

const parseNumber = (given: string) => (/^[+-]?\d+(\.\d+)?$/.test(given) ? Number(given) : given)

export const switchKind: FlagKind = { parse: () => true }

/** For a switch that is on by default: only `--no-<name>` means something. */
export const offSwitchKind: FlagKind = { ...switchKind }

/** `a, b c` is a, b and c; `\,` is a comma in a name, and `\ ` a blank at one of its ends. */
export const list: FlagKind = { isList: true, parse: (texts) => texts.flatMap(splitNames) }

const splitNames = (given: string) =>
  (given.match(/(?:\\,|[^,])+/g) ?? []).map((name) =>
    name
      .replace(/^\s+/, '')
      .replace(/(?<!\\)\s+$/, '')
      .replace(/\\([, ])/g, '$1'),
  )

/** Each value is one word, commas and all. */
export const wordList: FlagKind = { isList: true, parse: (texts) => texts.map((given) => given.trim()) }

/** Text with `\t`, `\n`, `\r` for what is hard to type; `lf` and `crlf` too. */
export const escaped: FlagKind = {
  parse: (texts) =>
    ({ lf: '\n', crlf: '\r\n' })[getLast(texts)] ??
    getLast(texts).replace(/\\([tnr])/g, (_, letter: string) => ({ t: '\t', n: '\n', r: '\r' })[letter]!),
}

/** `name=value`, parted at the last sign for `=`, since a column's name may have one, and at the first for `:`. */
export const pairs = (sign: '=' | ':', value: (text: string) => unknown = (given) => given.trim()): FlagKind => ({
  isList: true,
  parse: (texts) => {
    const entries = texts.map((given) => {
      const at = sign === '=' ? given.lastIndexOf(sign) : given.indexOf(sign)
      return at < 1 ? undefined : ([given.slice(0, at).trim(), value(given.slice(at + 1))] as const)
    })
    return entries.includes(undefined) ? texts : Object.fromEntries(entries as (readonly [string, unknown])[])
  },
})

/** `a=int64,b=string`, apart by commas as other lists of columns are. */
export const columnPairs: FlagKind = { isList: true, parse: (texts) => pairs('=').parse(texts.flatMap(splitNames)) }

/** `attempts=3 minDelay=100`. */
export const numbers = pairs('=', parseNumber)

/** JSON; what is none stays text. */
export const json: FlagKind = {
  parse: (texts) => {
    try {
      return JSON.parse(getLast(texts)) as unknown
    } catch {
      return getLast(texts)
    }
  },
}

/** `all` and `sample` are words, anything else is a list of columns. */
export const columns: FlagKind = {
  isList: true,
  parse: (texts) => {
    const names = texts.flatMap(splitNames)
    return names.length === 1 && /^(all|sample)$/.test(names[0]!) ? names[0] : names
  },
}
