// A flag as data: the option of the library it stands for, and how its text becomes that option's value. Whether the
// value is a good one is the library's to say.

/** Reads the text of a flag into a value. */
export interface Kind {
  /** The flag takes one value after the other, and may be given again. */
  readonly isList?: true
  readonly read: (texts: readonly string[]) => unknown
}

/** One setting: a flag, and a key of the configuration file. */
export interface Flag {
  /** The name of the setting, dotted where it is inside another: `retry.attempts`. Its flag is the same in kebab case. */
  readonly name: string
  /** Another flag for the same. */
  readonly alias?: string
  /** The placeholder of its value in the help; a switch has none. */
  readonly takes?: string
  readonly kind: Kind
  /** There is also `--no-<name>`, which means this value; a flag that takes nothing is then only that. */
  readonly off?: { readonly value: unknown; readonly says: string }
  readonly says: string
}

/** Flags that stand together in the help. */
export interface FlagGroup {
  readonly title: string
  readonly flags: readonly Flag[]
}

/** `retry.minDelay` becomes `retry-min-delay`. */
export const kebab = (name: string) =>
  name.replace(/[.A-Z]/g, (letter) => (letter === '.' ? '-' : `-${letter.toLowerCase()}`))

/** The flag as it is typed. */
export const flagText = ({ name, off, kind }: Flag) =>
  off && kind === onlyOff ? `--no-${kebab(name)}` : `--${kebab(name)}`

const last = (texts: readonly string[]) => texts.at(-1)!

export const text: Kind = { read: last }

/** Text that has no blanks or line breaks around it, such as an id or an address. */
export const word: Kind = { read: (texts) => last(texts).trim() }

/** A text that is no number stays text, for the library to refuse. */
export const number: Kind = { read: (texts) => numberOf(last(texts)) }

const numberOf = (given: string) => (/^[+-]?\d+(\.\d+)?$/.test(given) ? Number(given) : given)

export const isSet: Kind = { read: () => true }

/** For a switch that is on by default: only `--no-<name>` means something. */
export const onlyOff: Kind = { ...isSet }

/** `a, b c` is a, b and c; `\,` is a comma in a name, and `\ ` a blank at one of its ends. */
export const list: Kind = { isList: true, read: (texts) => texts.flatMap(split) }

const split = (given: string) =>
  (given.match(/(?:\\,|[^,])+/g) ?? []).map((name) =>
    name
      .replace(/^\s+/, '')
      .replace(/(?<!\\)\s+$/, '')
      .replace(/\\([, ])/g, '$1'),
  )

/** Each value is one word, commas and all. */
export const words: Kind = { isList: true, read: (texts) => texts.map((given) => given.trim()) }

/** Text with `\t`, `\n`, `\r` for what is hard to type; `lf` and `crlf` too. */
export const escaped: Kind = {
  read: (texts) =>
    ({ lf: '\n', crlf: '\r\n' })[last(texts)] ??
    last(texts).replace(/\\([tnr])/g, (_, letter: string) => ({ t: '\t', n: '\n', r: '\r' })[letter]!),
}

/** `name=value`, parted at the last sign for `=`, since a column's name may have one, and at the first for `:`. */
export const pairs = (sign: '=' | ':', value: (text: string) => unknown = (given) => given.trim()): Kind => ({
  isList: true,
  read: (texts) => {
    const entries = texts.map((given) => {
      const at = sign === '=' ? given.lastIndexOf(sign) : given.indexOf(sign)
      return at < 1 ? undefined : ([given.slice(0, at).trim(), value(given.slice(at + 1))] as const)
    })
    return entries.includes(undefined) ? texts : Object.fromEntries(entries as (readonly [string, unknown])[])
  },
})

/** `a=int64,b=string`, apart by commas as other lists of columns are. */
export const columnPairs: Kind = { isList: true, read: (texts) => pairs('=').read(texts.flatMap(split)) }

/** `attempts=3 minDelay=100`. */
export const numbers = pairs('=', numberOf)

/** JSON; what is none stays text. */
export const json: Kind = {
  read: (texts) => {
    try {
      return JSON.parse(last(texts)) as unknown
    } catch {
      return last(texts)
    }
  },
}

/** `all` and `sample` are words, anything else is a list of columns. */
export const columns: Kind = {
  isList: true,
  read: (texts) => {
    const names = texts.flatMap(split)
    return names.length === 1 && /^(all|sample)$/.test(names[0]!) ? names[0] : names
  },
}
