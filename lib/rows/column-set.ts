// Which columns there are. Records are held against the keys of the one before, so a record like its neighbour costs
// one comparison a key and no look-up; whatever is new is told at once, never dropped.
import { isJsonObject } from '../json.js'
import { nestedFields } from '../reports/nested-fields.js'
import { kindOf, fieldsOf } from '../reports/report.js'
import type { ExportRecord, JsonValue, Row } from '../types.js'
import { ownReader, readerOf, withDigits, type Column, type ReadCell } from './column.js'
import { cellsOf, collisionOf, isNestedName, type Selection } from './flatten.js'

const NONE: readonly Column[] = []
const PREFIXED = 100
const UNKNOWN = 1000

interface Known {
  readonly column: Column
  readonly rank: number
}

/** The columns of a stream of records, in the order of Optimize's own CSV download; later ones are appended. */
export class ColumnSet {
  readonly #selection: Selection
  readonly #whole: ReadonlySet<string>
  readonly #known = new Map<string, Known>()
  readonly #names = new Map<string, string>()
  readonly #top = new KeyWatch()
  readonly #nested = nestedFields.map((nested) => ({ ...nested, watch: new KeyWatch() }))

  /** @param whole nested fields that are one column each, rather than a column a key */
  constructor(selection: Selection, whole: readonly string[] = []) {
    this.#selection = selection
    this.#whole = new Set(whole)
  }

  /** Adds the columns of a record; returns those that are new, most often none. */
  discover(record: Row): readonly Column[] {
    return this.#isLikeTheLast(record) ? NONE : this.#look(record)
  }

  /** Adds a column by its prefixed name. */
  declare(id: string, rank = 0, read = readerOf(id)): Column {
    const name = this.#selection.nameOf(id)
    const taken = this.#names.get(name)
    if (taken !== undefined) throw collisionOf(this.#selection.where, name, [taken, id])
    const column = { id, name, read }
    this.#names.set(name, id)
    this.#known.set(id, { column, rank })
    return column
  }

  /** Adds a column as {@link discover} would. */
  expect(id: string, rank: number): Column {
    return this.declare(id, rank, this.#readerOf(id))
  }

  /** All columns so far, grouped as Optimize groups them: fields, counts, durations, variables, then the rest. */
  ordered(): Column[] {
    return [...this.#known.values()].sort((a, b) => a.rank - b.rank).map(({ column }) => column)
  }

  #isLikeTheLast(record: Row): boolean {
    if (!this.#top.sees(record)) return false
    for (const { field, watch } of this.#nested) {
      const holder = record[field]
      if (holder === undefined || holder === null || this.#whole.has(field)) continue
      if (!isJsonObject(holder) || !watch.sees(holder)) return false
    }
    return true
  }

  /** A nested field that is no object in one record is a column a key in the others; a whole one is never looked into. */
  #readerOf(id: string): ReadCell {
    if (nestedFields.some(({ field, prefix }) => this.#whole.has(field) && id.startsWith(prefix))) return ownReader(id)
    if (!isNestedName(id) || this.#whole.has(id)) return readerOf(id)
    return withDigits((record) => (isJsonObject(record[id]) ? undefined : record[id]), ownReader(id).digits)
  }

  #look(record: Row): readonly Column[] {
    const rankOf = ranksFor(record)
    const fresh: Column[] = []
    const here = new Set<string>()
    for (const [id] of cellsOf(record, this.#whole)) {
      if (!this.#selection.wants(id)) continue
      if (here.has(id)) throw collisionOf(this.#selection.where, this.#selection.nameOf(id), [id, id])
      here.add(id)
      if (!this.#known.has(id)) fresh.push(this.declare(id, rankOf(id), this.#readerOf(id)))
    }
    this.#top.remember(record)
    for (const { field, watch } of this.#nested) {
      const holder = record[field]
      if (isJsonObject(holder)) watch.remember(holder)
    }
    return fresh
  }
}

/** Where a column of this record belongs: known records have Optimize's order, rows of the user's keep their own. */
function ranksFor(record: Row): (id: string) => number {
  const kind = kindOf(record as ExportRecord)
  if (kind === undefined) return () => 0
  const fields = fieldsOf[kind]
  return (id) => {
    const field = fields.indexOf(id)
    if (field >= 0) return field
    const group = nestedFields.findIndex(({ field, prefix }) => id === field || id.startsWith(prefix))
    return group >= 0 ? PREFIXED + group : UNKNOWN
  }
}

/** Remembers the keys of an object, in their order; JSON.parse interns them, so comparing is comparing pointers. */
class KeyWatch {
  #keys: string[] = []

  sees(object: Row | Record<string, JsonValue>): boolean {
    const keys = this.#keys
    let at = 0
    for (const key in object) if (key !== keys[at++]) return false
    return at === keys.length
  }

  remember(object: Row | Record<string, JsonValue>): void {
    this.#keys = Object.keys(object)
  }
}
