// The variables of a report: names sorted by UTF-16 as a TreeMap does, values always strings, '' where an instance has none
// (docs/server.md 5.3 to 5.6). Keys and values are JSON text from the start, so any name works, also __proto__.
import { Zone } from './dates.js'
import type { Random } from './random.js'
import type { Settings } from './settings.js'
import { countries, hostile, people, tags, texts } from './words.js'

/** One variable of a report. */
export interface Variable {
  readonly name: string
  /** The name as JSON text. */
  readonly key: string
  /** What its values are, as a decision calls it. */
  readonly type: string
  /** The index of the first record that has it. */
  readonly from: number
  /** Which records have it; the others of the same page show `""`. Undefined: all. */
  readonly has?: (index: number) => boolean
  /** A value as JSON text. */
  readonly value: (random: Random) => string
}

type Value = Pick<Variable, 'type' | 'value'>

const json = (value: string) => JSON.stringify(value)
const utc = new Zone('UTC')
const firstDueMs = Date.UTC(2023, 11, 1)

const oneOf = (choices: readonly string[]) => {
  const values = choices.map(json)
  return (random: Random) => random.oneOf(values)
}

/** The generated variables, in the order of their names. */
const common: readonly (Value & { readonly name: string })[] = [
  { name: 'amount', type: 'Double', value: (random) => `"${random.below(9000)}.${random.below(10)}"` },
  { name: 'approved', type: 'Boolean', value: oneOf(['true', 'false']) },
  { name: 'comment', type: 'String', value: oneOf(texts) },
  { name: 'country', type: 'String', value: oneOf(countries) },
  { name: 'customer', type: 'String', value: oneOf(people) },
  // stored text: no client time zone shifts it
  { name: 'dueDate', type: 'Date', value: (random) => `"${utc.format(firstDueMs + random.below(31_536_000) * 1000)}"` },
  { name: 'invoiceNumber', type: 'String', value: (random) => `"GPFE-${100_000 + random.below(900_000)}"` },
  { name: 'itemCount', type: 'Long', value: (random) => `"${random.below(500)}"` },
  { name: 'priority', type: 'Integer', value: (random) => `"${random.below(101)}"` },
  { name: 'tags', type: 'String', value: oneOf(tags) },
]

/** Every variable of the report. */
export function variablesOf(settings: Settings): readonly Variable[] {
  const guard = settings.hostileValues ? sometimesHostile : sometimesEmpty
  const plain = (name: string, n: number, from: number): Variable => ({
    ...guard(common[n % common.length]!),
    name,
    key: json(name),
    from,
  })
  const names = settings.variableNames ?? generatedNames(settings.variables)
  const { at, names: lateNames } = settings.lateVariables ?? { at: 0, names: [] }
  const all = [
    ...names.map((name, n) => plain(name, n, -Infinity)),
    ...lateNames.map((name, n) => plain(name, n, at)),
    ...objectVariables(settings),
  ]
  return firstOfEachName(all).sort(byName)
}

/** The variables whose names the records of a page show. */
export function variablesOnPage(all: readonly Variable[], start: number, count: number): readonly Variable[] {
  return all.filter(({ has }) => !has || range(start, count).some(has))
}

const firstOfEachName = (all: readonly Variable[]) => [
  ...new Map(all.toReversed().map((variable) => [variable.name, variable])).values(),
]

const byName = (a: Variable, b: Variable) => (a.name < b.name ? -1 : 1)

const range = (start: number, count: number) => Array.from({ length: count }, (_, n) => start + n)

const generatedNames = (count: number) =>
  Array.from({ length: count }, (_, n) => {
    const round = Math.floor(n / common.length)
    return `${common[n % common.length]!.name}${round === 0 ? '' : round + 1}`
  })

const sometimesEmpty = ({ type, value }: Value): Value => ({
  type,
  value: (random) => (random.below(12) === 0 ? '""' : value(random)),
})

const sometimesHostile = ({ type, value }: Value): Value => {
  const bad = oneOf(hostile)
  return { type, value: (random) => (random.below(2) === 0 ? bad(random) : value(random)) }
}

function objectVariables({ objectVariables: mode }: Settings): readonly Variable[] {
  if (mode === 'none') return []
  const value = mode === 'placeholder' ? () => '"<<OBJECT_VARIABLE_VALUE>>"' : objectText
  const object = { type: 'Object', from: -Infinity, value }
  const named = (name: string) => ({ ...object, name, key: json(name) })
  return [
    { ...named('customerProfile'), has: (index) => Math.floor(index / 50) % 3 === 0 && index % 5 === 0 },
    { ...named('attachment'), has: (index) => index % 1000 === 700 },
  ]
}

function objectText(random: Random): string {
  if (random.below(6) === 0) return 'null'
  const profile = {
    id: random.below(10_000),
    name: random.oneOf(people),
    address: { country: random.oneOf(countries) },
  }
  return JSON.stringify([JSON.stringify(profile)])
}
