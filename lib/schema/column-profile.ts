// Describes the columns of records, for a user who plans an export or wants a dictionary of the columns.
import { describeValue } from '../shared/describe-value.js'
import { OptionError } from '../shared/errors.js'
import { hasFieldPrefix, OBJECT_VARIABLE_PLACEHOLDER } from '../shared/reports/nested-fields.js'
import { getKnownType } from '../shared/reports/report-kinds.js'
import type { Cell, RecordOrRow } from '../shared/types.js'
import { groupAlikeNames } from './names/alike-names.js'
import { formatCellAt, isEmptyCell } from './cell-text.js'
import { describeColumn } from './column-meaning.js'
import type { ScalarType } from './types/column-type.js'
import { checkRecord } from './rows/check-record.js'
import { iterateCells } from './rows/flatten.js'
import { expandRecord } from './rows/group-rows.js'
import { getVariableSignature, getValueSignature, inferTypeOfVariables, inferTypeOfValues } from './types/infer-type.js'
import { parseTimestamp } from './types/timestamp.js'

/** A description of a column, derived from its cells. */
export interface ColumnProfile {
  /** Its prefixed name. */
  readonly name: string
  /** The type of the column in Parquet with `inferTypes`, but `'json'` for nested values. More records may lead to another type. */
  readonly type: ScalarType
  /** The share of rows whose cell is not missing, not null and not `''`; 0 to 1. */
  readonly filledShare: number
  /** The number of cells `<<OBJECT_VARIABLE_VALUE>>`, which some versions of Optimize send instead of an object. */
  readonly placeholders: number
  /** Its meaning, in a few words; undefined if the API does not document the column. */
  readonly meaning: string | undefined
  /** The text of the first cell with a value, up to 60 characters. Undefined if there is none. */
  readonly example: string | undefined
  /** The distinct values, in the order in which they appear; undefined if there are more than 20, or one is longer than 60 characters. */
  readonly values: readonly string[] | undefined
  /**
   * The smallest value of a column of numbers or times, or of a text column in which no value is an object. Undefined for other columns, or
   * if no cell has a value.
   */
  readonly min: string | undefined
  /**
   * The largest value of a column of numbers or times, or of a text column in which no value is an object. Undefined for other columns, or
   * if no cell has a value.
   */
  readonly max: string | undefined
  /** Possible problems, in sentences: values of several types, names that are alike, objects, placeholders. */
  readonly warnings: readonly string[]
}

const MAX_VALUES = 20
const MAX_TEXT_LENGTH = 60

/**
 * Describes every column of the records, in the order in which the columns first appear. The function keeps only a few values per
 * column, so its memory does not grow with the number of records.
 *
 * @throws OptionError at the call if the argument is not an iterable; ExportError `ERR_ENCODE` for a record that is not an object, and
 * for a cell that has no text, such as an invalid Date.
 * @example for (const { name, type, filledShare } of profileColumns(records)) console.log(name, type, filledShare)
 * @example const columns = await profileColumns(exportStream({ … }))
 */
export function profileColumns(records: Iterable<object>): ColumnProfile[]
export function profileColumns(records: AsyncIterable<object>): Promise<ColumnProfile[]>
export function profileColumns(
  records: Iterable<object> | AsyncIterable<object>,
): ColumnProfile[] | Promise<ColumnProfile[]> {
  checkIterable(records)
  const profiler = new ColumnProfiler()
  if (Symbol.iterator in records) {
    for (const record of records) profiler.addRecord(record)
    return profiler.finish()
  }
  return profileStream(records, profiler)
}

function checkIterable(records: unknown): void {
  // a text is iterable, but its characters are no records
  if (
    typeof records === 'object' &&
    records !== null &&
    (Symbol.iterator in records || Symbol.asyncIterator in records)
  )
    return
  const problem = `expected a stream or another iterable of records, got ${describeValue(records)}`
  throw new OptionError('profileColumns', 'records', problem)
}

async function profileStream(records: AsyncIterable<object>, profiler: ColumnProfiler): Promise<ColumnProfile[]> {
  for await (const record of records) profiler.addRecord(record)
  return profiler.finish()
}

class ColumnProfiler {
  readonly #columns = new Map<string, ColumnProfileBuilder>()
  #rowCount = 0

  addRecord(record: object): void {
    for (const row of expandRecord(checkRecord('profileColumns', record))) {
      this.#rowCount++
      for (const [name, cell] of iterateCells(row)) this.#getColumn(name, row).add(cell, this.#rowCount)
    }
  }

  finish(): ColumnProfile[] {
    const names = [...this.#columns.keys()]
    const alike = new Map(groupAlikeNames(names).flatMap((group) => group.map((name) => [name, group] as const)))
    return [...this.#columns.values()].map((column) => column.finish(this.#rowCount, alike.get(column.name) ?? []))
  }

  #getColumn(name: string, row: RecordOrRow): ColumnProfileBuilder {
    const known = this.#columns.get(name)
    if (known) return known
    const column = new ColumnProfileBuilder(name, describeColumn(name, row))
    this.#columns.set(name, column)
    return column
  }
}

interface MinAndMax<T> {
  min: T
  max: T
}

class ColumnProfileBuilder {
  readonly name: string
  readonly #meaning: string | undefined
  readonly #hasFieldPrefix: boolean
  /** One cell per type signature, and the number of cells that have it. */
  readonly #signatures = new Map<string, { readonly cell: Cell; count: number }>()
  #filledCount = 0
  #placeholderCount = 0
  #objectCount = 0
  #example: string | undefined
  /** Undefined if there are too many values, or a value is too long. */
  #values: Set<string> | undefined = new Set()
  #textBounds: MinAndMax<string> | undefined
  #orderedBounds: MinAndMax<{ readonly order: number; readonly text: string }> | undefined

  constructor(name: string, meaning: string | undefined) {
    this.name = name
    this.#meaning = meaning
    this.#hasFieldPrefix = hasFieldPrefix(name)
  }

  add(cell: Cell, row: number): void {
    const signature = this.#hasFieldPrefix ? getVariableSignature(cell) : getValueSignature(cell)
    const known = this.#signatures.get(signature)
    if (known) known.count++
    else this.#signatures.set(signature, { cell, count: 1 })
    if (isEmptyCell(cell)) return
    this.#filledCount++
    if (cell === OBJECT_VARIABLE_PLACEHOLDER) this.#placeholderCount++
    if (typeof cell === 'object' && !(cell instanceof Date)) this.#objectCount++
    this.#addText(formatCellAt('profileColumns', row, this.name, cell), cell)
  }

  finish(rows: number, alike: readonly string[]): ColumnProfile {
    const type = this.#guessType()
    const bounds = this.#getBounds(type)
    return {
      name: this.name,
      type,
      filledShare: this.#filledCount / rows,
      placeholders: this.#placeholderCount,
      meaning: this.#meaning,
      example: this.#example,
      values: this.#values && [...this.#values],
      min: bounds && shorten(bounds.min),
      max: bounds && shorten(bounds.max),
      warnings: this.#listWarnings(type, alike),
    }
  }

  #addText(text: string, cell: Cell): void {
    this.#example ??= shorten(text)
    if (text.length > MAX_TEXT_LENGTH) this.#values = undefined
    this.#values?.add(text)
    if ((this.#values?.size ?? 0) > MAX_VALUES) this.#values = undefined
    const bounds = (this.#textBounds ??= { min: text, max: text })
    if (text < bounds.min) bounds.min = text
    if (text > bounds.max) bounds.max = text
    const order = typeof cell === 'number' ? cell : (parseTimestamp(text) ?? Number(text))
    if (!Number.isNaN(order)) this.#addOrdered({ order, text })
  }

  #addOrdered(value: { readonly order: number; readonly text: string }): void {
    const bounds = (this.#orderedBounds ??= { min: value, max: value })
    if (value.order < bounds.min.order) bounds.min = value
    if (value.order > bounds.max.order) bounds.max = value
  }

  #guessType(): ScalarType {
    const known = getKnownType(this.name)
    if (known) return known
    const cells = [...this.#signatures.values()].map(({ cell }) => cell)
    const type = this.#hasFieldPrefix ? inferTypeOfVariables(cells) : inferTypeOfValues(cells)
    return typeof type === 'string' ? type : 'json'
  }

  #getBounds(type: ScalarType): MinAndMax<string> | undefined {
    if (type === 'string') return this.#objectCount > 0 ? undefined : this.#textBounds
    const ordered = this.#orderedBounds
    const isOrdered = type === 'int64' || type === 'double' || type === 'timestamp'
    return isOrdered && ordered ? { min: ordered.min.text, max: ordered.max.text } : undefined
  }

  #listWarnings(type: ScalarType, alike: readonly string[]): string[] {
    const others = alike.filter((name) => name !== this.name).map((name) => JSON.stringify(name))
    return [
      ...(this.#placeholderCount > 0
        ? [
            `<<OBJECT_VARIABLE_VALUE>> in ${this.#placeholderCount} of ${this.#filledCount} values: this version of Optimize does not export object variables`,
          ]
        : []),
      ...(this.#hasFieldPrefix && this.#objectCount > 0
        ? [`objects in ${this.#objectCount} of ${this.#filledCount} values: JSON text in a CSV file`]
        : []),
      ...(others.length > 0
        ? [
            `differs from ${others.join(', ')} only in case, blanks or Unicode form: many readers treat them as one column`,
          ]
        : []),
      ...this.#describeMixture(type),
    ]
  }

  /** Returns a warning if a variable, an input or an output is text, but at least half of its values are numbers, dates or booleans. */
  #describeMixture(type: ScalarType): string[] {
    if (!this.#hasFieldPrefix || type !== 'string') return []
    const counts = [...this.#signatures].filter(([signature]) => signature !== '' && signature !== 'string')
    const typed = counts.reduce((sum, [, { count }]) => sum + count, 0)
    if (typed * 2 < this.#filledCount || counts.length === 0) return []
    const kinds = counts.map(([signature, { count }]) => `${kindNames[signature]!} (${count})`)
    const rest = this.#filledCount - typed
    return [
      `values of several types, so it is text: ${[...kinds, ...(rest > 0 ? [`other texts (${rest})`] : [])].join(', ')}`,
    ]
  }
}

/** The type signatures of texts, in words. */
const kindNames: Readonly<Record<string, string>> = {
  int64: 'whole numbers',
  double: 'numbers with a fraction',
  '2.0': 'whole numbers such as 2.0',
  boolean: 'true or false',
  timestamp: 'dates',
}

const shorten = (text: string) => (text.length > MAX_TEXT_LENGTH ? `${text.slice(0, MAX_TEXT_LENGTH - 1)}…` : text)
