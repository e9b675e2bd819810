// The names of columns in the files of a load and in a table.
import { createHash } from 'node:crypto'
import { normalizeName } from '../../schema/names/alike-names.js'
import { memoize } from '../../shared/memoize.js'
import type { Dialect } from '../load-destination.js'
import { toStorableText } from '../storable-text.js'

const HASH_DIGITS = 6

const hash = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, HASH_DIGITS)

/**
 * Returns a function that names the columns of a load file. A column keeps its prefixed name, without what no database stores. But a
 * name that differs from an earlier one only in case, in blanks around it or in its Unicode form gets a number, because readers of Parquet
 * would treat the two as one.
 */
export function createFileColumnNaming(): (id: string) => string {
  const used = new Set<string>()
  return memoize((id) => {
    const storable = toStorableText(id)
    let name = storable
    for (let number = 2; used.has(normalizeName(name)); number++) name = `${storable} (${number})`
    used.add(normalizeName(name))
    return name
  })
}

export interface TableNaming {
  /** Returns the name that the option `naming` makes of a source. */
  readonly getName: (source: string) => string
  readonly dialect: Dialect
  /** The names that earlier loads gave to columns, by the sources of the columns. They never change. */
  readonly recorded: ReadonlyMap<string, string>
  readonly reserved: readonly string[]
}

/**
 * Returns the name in the table for each source. A recorded name stays. A new name gets a hash of its source if the name is empty or too
 * long, if several new columns would have it, or if a column of an earlier load, the load itself or the database has it. So no name
 * depends on the order of the columns.
 */
export function nameColumns(
  sources: readonly string[],
  { getName, dialect, recorded, reserved }: TableNaming,
): Map<string, string> {
  const { foldName } = dialect
  const taken = new Set([...reserved, ...dialect.systemColumns, ...recorded.values()].map(foldName))
  const newSources = sources.filter((source) => !recorded.has(source))
  const wanted = new Map(newSources.map((source) => [source, shortenName(getName(source), source, dialect)]))
  const useCounts = new Map<string, number>()
  for (const name of wanted.values()) useCounts.set(foldName(name), (useCounts.get(foldName(name)) ?? 0) + 1)
  return new Map(
    sources.map((source) => {
      const name = wanted.get(source)
      if (name === undefined) return [source, recorded.get(source)!]
      const isDistinct = name !== '' && useCounts.get(foldName(name)) === 1 && !taken.has(foldName(name))
      return [source, isDistinct ? name : addHash(getName(source), source, dialect)]
    }),
  )
}

const shortenName = (name: string, source: string, dialect: Dialect) =>
  Buffer.byteLength(name) > dialect.maxNameBytes ? addHash(name, source, dialect) : name

function addHash(name: string, source: string, { maxNameBytes }: Dialect): string {
  const suffix = `_${hash(source)}`
  let start = ''
  for (const character of name) {
    if (Buffer.byteLength(start + character) > maxNameBytes - suffix.length) break
    start += character
  }
  return start + suffix
}
