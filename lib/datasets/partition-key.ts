// The partition of a record: the values of one or more columns, as names of folders in the style of Hive.
import { ExportError, OptionError } from '../shared/errors.js'
import { memoize } from '../shared/memoize.js'
import { type Rule } from '../shared/options.js'
import { describeValue } from '../shared/describe-value.js'
import { nestedFields } from '../shared/reports/nested-fields.js'
import { getKnownType } from '../shared/reports/report-kinds.js'
import type { Cell, RecordOrRow } from '../shared/types.js'
import { tryFormatCell, describeCell, isEmptyCell } from '../schema/cell-text.js'
import { createCellReader, getCellDigits, type CellReader } from '../schema/column.js'
import { toSnakeName } from '../schema/names/snake-name.js'
import { parseTimestamp } from '../schema/types/timestamp.js'
import type { RecordLayout } from '../spans/record-layout.js'
import type { RecordSpans } from '../spans/record-spans.js'

/** The folder of a null, missing or empty cell. Source: Hive, `hive.exec.default.partition.name`; Spark, ExternalCatalogUtils. */
export const DEFAULT_PARTITION = '__HIVE_DEFAULT_PARTITION__'

type Period = 'day' | 'month' | 'year'

/** A column by whose values a dataset is partitioned. */
export interface PartitionColumn {
  /** As the user wrote it: `startDate:month`. */
  readonly given: string
  readonly id: string
  /**
   * The part of the date that is in the name of the folder. Undefined if the whole value of the column is there, so that the files need not
   * have the column.
   */
  readonly period: Period | undefined
}

/** The values of a partition, by the names of its columns; null for a null, missing or empty cell. */
export type PartitionValues = Readonly<Record<string, string | null>>

export const partitionRule: Rule<readonly PartitionColumn[]> = {
  expected: "a column such as 'tenantId' or 'startDate:month', or an array of distinct ones",
  parse: (value, { where, option }) => {
    const texts: unknown[] = Array.isArray(value) ? value : [value]
    if (!texts.every((text): text is string => typeof text === 'string' && text !== '')) return undefined
    const columns = texts.map(parsePartitionColumn)
    const withUnknownPeriod = columns.find(hasUnknownPeriod)
    if (withUnknownPeriod)
      throw new OptionError(
        where,
        option,
        `expected a date with :day, :month or :year, got ${describeValue(withUnknownPeriod.given)}`,
      )
    const whole = columns.filter(({ period }) => period === undefined)
    const repeated = whole.find(({ id }, index) => whole.findIndex((other) => other.id === id) < index)
    if (repeated)
      throw new OptionError(where, option, `expected each column once, got ${describeValue(repeated.given)} again`)
    return columns
  },
}

/** Returns the column that a text names. An end such as `:month` is a period, but `variable:month` is the variable `month`. */
export function parsePartitionColumn(given: string): PartitionColumn {
  const [, id, period] = /^(.+):(day|month|year)$/s.exec(given) ?? []
  if (id === undefined || nestedFields.some(({ prefix }) => prefix === `${id}:`))
    return { given, id: given, period: undefined }
  return { given, id, period: period as Period }
}

/** Returns true for a date of the API with another end than a period, such as `startDate:week`. No record has such a column. */
function hasUnknownPeriod({ id }: PartitionColumn): boolean {
  const end = id.indexOf(':')
  return end !== -1 && getKnownType(id.slice(0, end)) === 'timestamp'
}

/**
 * Returns the name that readers see: `startdate_month` for `startDate:month`, or `start_date_month` with snake names. Athena and Hive allow
 * only lower-case letters, digits and `_` in names.
 */
export function getPartitionName({ id, period }: PartitionColumn, isSnake: boolean): string {
  const base = isSnake ? toSnakeName(id) : id.toLowerCase().replace(/[^a-z0-9_]+/g, '_')
  return period === undefined ? base : `${base}_${period}`
}

export interface PartitionKey {
  /** `startdate_month=2026-05`, or '' without partition columns. */
  readonly folder: string
  readonly values: PartitionValues
}

export class PartitionFinder {
  readonly #where: string
  readonly #columns: readonly (PartitionColumn & { readonly name: string; readonly read: CellReader })[]
  /** Returns the slots of the columns in a layout, or `'objects'` if a cell is not a single value of the record. */
  readonly #findSlots = memoize(({ slotRecord }: RecordLayout): readonly (number | undefined)[] | 'objects' => {
    const cells = this.#columns.map(({ read }) => read(slotRecord))
    return cells.every((cell) => cell === undefined || typeof cell === 'number') ? cells : 'objects'
  })

  constructor(where: string, columns: readonly PartitionColumn[], names: readonly string[]) {
    this.#where = where
    this.#columns = columns.map((column, at) => ({ ...column, name: names[at]!, read: createCellReader(column.id) }))
  }

  findForRecord(row: RecordOrRow, rowNumber: number): PartitionKey {
    return this.#createKey(
      this.#columns.map((column) => this.#getValue(column, column.read(row), getCellDigits(column, row), rowNumber)),
    )
  }

  findForSpans(spans: RecordSpans, index: number, rowNumber: number): PartitionKey {
    const slots = this.#findSlots(spans.getLayout(index))
    if (slots === 'objects') return this.findForRecord(spans.getRecord(index), rowNumber)
    return this.#createKey(
      this.#columns.map((column, at) => {
        const slot = slots[at]
        return slot === undefined
          ? null
          : this.#getValue(column, spans.getValue(index, slot), spans.getDigits(index, slot), rowNumber)
      }),
    )
  }

  #getValue({ period, given }: PartitionColumn, cell: Cell, digits: string | undefined, row: number): string | null {
    if (isEmptyCell(cell)) return null
    const value = period === undefined ? (digits ?? tryFormatCell(cell)) : formatPeriod(cell, period)
    if (value !== undefined) return value
    const expected = period === undefined ? 'a value that has a text' : 'a date'
    throw new ExportError(
      'ERR_CELL_TYPE',
      `${this.#where}: partitionBy ${JSON.stringify(given)}: row ${row}: expected ${expected}, got ${describeCell(cell)}`,
    )
  }

  #createKey(values: readonly (string | null)[]): PartitionKey {
    const entries = values.map((value, index) => [this.#columns[index]!.name, value] as const)
    const segments = entries.map(([name, value]) => `${escapeSegment(name)}=${formatSegment(value)}`)
    const tooLong = segments.find((segment) => Buffer.byteLength(segment) > MAX_SEGMENT_BYTES)
    if (tooLong !== undefined)
      throw new ExportError(
        'ERR_ENCODE',
        `${this.#where}: partitionBy: expected values of at most ${MAX_SEGMENT_BYTES} bytes as a folder name, got ${describeValue(tooLong)}`,
      )
    return { folder: segments.join('/'), values: Object.fromEntries(entries) }
  }
}

/** The longest name in most file systems. Source: limits.h, NAME_MAX. */
const MAX_SEGMENT_BYTES = 255

/** Returns the day, month or year of a date in UTC, because the timestamps in a Parquet file are in UTC. Undefined if it is no date. */
function formatPeriod(cell: Cell, period: Period): string | undefined {
  const time = cell instanceof Date ? cell.getTime() : typeof cell === 'string' ? parseTimestamp(cell) : undefined
  if (time === undefined || Number.isNaN(time)) return undefined
  const [day] = new Date(time).toISOString().split('T') as [string]
  return day.slice(0, { day: day.length, month: day.length - 3, year: day.length - 6 }[period])
}

const formatSegment = (value: string | null) =>
  value === null || value === '' ? DEFAULT_PARTITION : escapeSegment(Buffer.from(value).toString())

/** Source: Hive, FileUtils.charToEscape; Spark, ExternalCatalogUtils.charToEscape. */
const ESCAPED_CHARACTERS = /[\0-\x1f"#%'*/:=?\\\x7f{[\]^]/g

export const escapeSegment = (text: string) =>
  text.replace(ESCAPED_CHARACTERS, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`)
