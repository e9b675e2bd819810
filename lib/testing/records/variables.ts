// The variables of a report (docs/server.md 5.3 to 5.6). Names are sorted by UTF-16 as in a TreeMap. Values are strings, except with
// `objectVariables: 'json'`. In a record without a variable the value is `''`; but the key is absent before the first record of a late
// variable, and on a page where no record has an object variable. Keys and values are JSON text, so any name works, even `__proto__`.
import { Zone } from '../dates.js'
import type { Random } from '../random.js'
import type { FakeSettings } from '../options/fake-settings.js'
import { countries, hostileValues, people, tags, texts } from './generated-values.js'

export interface Variable {
  readonly name: string
  /** The name as JSON text. */
  readonly jsonKey: string
  /** The type of the values, as in a decision report. */
  readonly type: string
  /** The index of the first record that has it. */
  readonly firstIndex: number
  /** Returns whether a record has the variable. If not, its value is `""`. Undefined if all records from `firstIndex` on have it. */
  readonly isPresent?: (index: number) => boolean
  /** Returns a value as JSON text. */
  readonly value: (random: Random) => string
}

type Value = Pick<Variable, 'type' | 'value'>

const toJson = (value: string) => JSON.stringify(value)
const utc = new Zone('UTC')
const firstDueMs = Date.UTC(2023, 11, 1)

const createPicker = (choices: readonly string[]) => {
  const values = choices.map(toJson)
  return (random: Random) => random.oneOf(values)
}

const generatedVariables: readonly (Value & { readonly name: string })[] = [
  { name: 'amount', type: 'Double', value: (random) => `"${random.below(9000)}.${random.below(10)}"` },
  { name: 'approved', type: 'Boolean', value: createPicker(['true', 'false']) },
  { name: 'comment', type: 'String', value: createPicker(texts) },
  { name: 'country', type: 'String', value: createPicker(countries) },
  { name: 'customer', type: 'String', value: createPicker(people) },
  // stored as text, so the time zone of the client does not change it
  { name: 'dueDate', type: 'Date', value: (random) => `"${utc.format(firstDueMs + random.below(31_536_000) * 1000)}"` },
  { name: 'invoiceNumber', type: 'String', value: (random) => `"GPFE-${100_000 + random.below(900_000)}"` },
  { name: 'itemCount', type: 'Long', value: (random) => `"${random.below(500)}"` },
  { name: 'priority', type: 'Integer', value: (random) => `"${random.below(101)}"` },
  { name: 'tags', type: 'String', value: createPicker(tags) },
]

export function createVariables(settings: FakeSettings): readonly Variable[] {
  const varyValue = settings.hostileValues ? mixInHostile : mixInEmpty
  const createVariable = (name: string, n: number, firstIndex: number): Variable => ({
    ...varyValue(generatedVariables[n % generatedVariables.length]!),
    name,
    jsonKey: toJson(name),
    firstIndex,
  })
  const names = settings.variableNames ?? generateNames(settings.variables)
  const { at, names: lateNames } = settings.lateVariables ?? { at: 0, names: [] }
  const all = [
    ...names.map((name, n) => createVariable(name, n, -Infinity)),
    ...lateNames.map((name, n) => createVariable(name, n, at)),
    ...createObjectVariables(settings),
  ]
  return dropDuplicateNames(all).sort(compareNames)
}

/** Returns the variables whose names are in the records of a page. */
export function selectPageVariables(all: readonly Variable[], start: number, count: number): readonly Variable[] {
  return all.filter(({ isPresent }) => !isPresent || listIndexes(start, count).some(isPresent))
}

const dropDuplicateNames = (all: readonly Variable[]) => [
  ...new Map(all.toReversed().map((variable) => [variable.name, variable])).values(),
]

const compareNames = (a: Variable, b: Variable) => (a.name < b.name ? -1 : 1)

const listIndexes = (start: number, count: number) => Array.from({ length: count }, (_, n) => start + n)

const generateNames = (count: number) =>
  Array.from({ length: count }, (_, n) => {
    const round = Math.floor(n / generatedVariables.length)
    return `${generatedVariables[n % generatedVariables.length]!.name}${round === 0 ? '' : round + 1}`
  })

const mixInEmpty = ({ type, value }: Value): Value => ({
  type,
  value: (random) => (random.below(12) === 0 ? '""' : value(random)),
})

const mixInHostile = ({ type, value }: Value): Value => {
  const pickHostile = createPicker(hostileValues)
  return { type, value: (random) => (random.below(2) === 0 ? pickHostile(random) : value(random)) }
}

function createObjectVariables({ objectVariables: mode }: FakeSettings): readonly Variable[] {
  if (mode === 'none') return []
  const value = mode === 'placeholder' ? () => '"<<OBJECT_VARIABLE_VALUE>>"' : renderObject
  const object = { type: 'Object', firstIndex: -Infinity, value }
  const createNamed = (name: string) => ({ ...object, name, jsonKey: toJson(name) })
  return [
    { ...createNamed('customerProfile'), isPresent: (index) => Math.floor(index / 50) % 3 === 0 && index % 5 === 0 },
    { ...createNamed('attachment'), isPresent: (index) => index % 1000 === 700 },
  ]
}

function renderObject(random: Random): string {
  if (random.below(6) === 0) return 'null'
  const profile = {
    id: random.below(10_000),
    name: random.oneOf(people),
    address: { country: random.oneOf(countries) },
  }
  return JSON.stringify([JSON.stringify(profile)])
}
