import { getSpreadsheetDateFormat, localeRule } from '../../shared/locale.js'
import * as rule from '../../shared/options.js'
import { timeZoneRule } from '../../shared/time-zone.js'
import { typesRule, type ScalarType } from '../../schema/types/column-type.js'
import { resolveEventsPlan } from '../../schema/rows/flow-node-events.js'
import { OptionError } from '../../shared/errors.js'
import { columnRules, createColumnPlan, type ColumnOptions, type ColumnPlan } from '../../encode/column-options.js'
import { createStats, type Encoder, type EncoderStats } from '../../encode/encoder.js'
import { EncoderStream } from '../../encode/encoder-stream.js'
import type { EncoderContext } from '../../encode/record-encoder.js'
import { LocalDates } from '../../encode/local-dates.js'
import { TableEncoder } from '../../encode/table/table-encoder.js'
import type { RecordOrRow } from '../../shared/types.js'
import { invalidXmlCharacters } from '../xml-text.js'
import { MAX_SHEET_NAME_LENGTH, MAX_SHEET_ROWS } from './excel-limits.js'
import { EVENT_SHEET, XlsxFormat, type WorkbookPlan } from './xlsx-format.js'

/** Options of {@link toXlsx}. */
export interface XlsxOptions extends ColumnOptions {
  /** The name of the first sheet. @default 'Report' */
  sheet?: string | undefined
  /** The time zone of the dates, because a date of Excel has none. @default 'UTC' */
  timezone?: string | undefined
  /** The language whose order of day, month and year the dates have: `'de'`, `'en-US'`. @default ISO 8601: `2024-05-31 06:11:26` */
  locale?: string | undefined
  /**
   * The types of columns, by their prefixed names; a cell that does not fit is `ERR_CELL_TYPE`. @default none: known fields have the
   * types of the API's data model, other types are inferred
   */
  types?: Readonly<Record<string, ScalarType>> | undefined
  /**
   * Infers the types of variables, inputs and outputs from the first `sampleSize` records; with `columns: 'all'` from all records. A
   * cell that does not fit is text. `007`, `1e5` and columns with an integer of more than 15 digits stay text. @default true
   */
  inferTypes?: boolean | undefined
  /** Adds a sheet called `Events` with one row per flow-node instance. @default false */
  eventSheet?: boolean | undefined
  /** Columns of the process instance that every event repeats, by their prefixed names; only with `eventSheet`. @default [] */
  fields?: readonly string[] | undefined
  /** The rows of a sheet, without its header; more rows continue in the next sheet. @default 1048575, the limit of Excel */
  sheetRows?: number | undefined
}

const sheetNamePattern = new RegExp(`^(?!')[^\\0-\\x1f:\\\\/?*[\\]]{1,${MAX_SHEET_NAME_LENGTH}}(?<!')$`)

/** Source: Excel, "Rename a worksheet". */
const sheetNameRule: rule.Rule<string> = {
  expected: `1 to ${MAX_SHEET_NAME_LENGTH} valid characters without : \\ / ? * [ ], not ${EVENT_SHEET} or History, and without ' at its ends`,
  parse: (value) =>
    typeof value === 'string' &&
    sheetNamePattern.test(value) &&
    value.search(invalidXmlCharacters) < 0 &&
    !/^(history|events)$/i.test(value)
      ? value
      : undefined,
}

const rules: rule.Rules<XlsxOptions> = {
  ...columnRules,
  sheet: rule.withDefault(sheetNameRule, 'Report'),
  timezone: rule.optional(timeZoneRule),
  locale: rule.optional(localeRule),
  types: rule.withDefault(typesRule, {}),
  inferTypes: rule.withDefault(rule.boolean, true),
  eventSheet: rule.withDefault(rule.boolean, false),
  fields: rule.withDefault(rule.names, []),
  sheetRows: rule.withDefault(rule.integer(1, MAX_SHEET_ROWS), MAX_SHEET_ROWS),
}

const WHERE = 'toXlsx'

/**
 * Encodes records or flat rows as a workbook of Excel (.xlsx) with dates, numbers and booleans; text stays text, also `007`, `=1+1`
 * and ids of 16 digits. The first row stays in view and has a filter. The workbook is written while the export runs,
 * and the memory does not grow with the rows.
 *
 * Excel holds 1,048,575 rows per sheet, 32,767 characters per cell and 15 digits per number: more rows continue in the next
 * sheet, longer texts are cut, and longer integers are text. Characters that a workbook cannot hold become U+FFFD. A `warning` event
 * reports further sheets, changed texts, dates that were written in UTC by default, and columns of numbers that stayed text. A line break
 * in a cell is LF. Dates before March 1900 are text.
 *
 * @throws OptionError for a bad option, at the call. The stream fails with `ERR_LATE_COLUMN`, `ERR_COLUMN_COLLISION`, `ERR_UNMATCHED_NAME`,
 * `ERR_CELL_TYPE` or `ERR_ENCODE`, and with `columns: 'all'` or `eventSheet` also with `ERR_SPOOL`.
 * @example await pipeline(exportStream({ … }), toXlsx({ timezone: 'Europe/Berlin' }), atomicFile('instances.xlsx'))
 */
export function toXlsx(options: XlsxOptions = {}): Encoder {
  const resolved = rule.resolveOptions(WHERE, options, rules) as rule.Resolved<
    XlsxOptions,
    'locale' | 'timezone' | 'pick' | 'omit'
  >
  const { sheet, timezone, locale, types, inferTypes, eventSheet, fields, sheetRows } = resolved
  if (fields.length > 0 && !eventSheet) throw new OptionError(WHERE, 'fields', 'needs eventSheet (--event-sheet)')
  const selected = createColumnPlan(WHERE, resolved, Object.keys(types))
  const columnPlan = { ...selected, namesInOptions: [...selected.namesInOptions, { option: 'fields', names: fields }] }
  const plan: WorkbookPlan = {
    typePlan: { types, inferTypes, earlierColumns: new Map(), mapFields: [], canWriteNested: false },
    sheet,
    repeatedFields: eventSheet ? resolveEventsPlan(WHERE, { fields }).fields : undefined,
    sheetRows,
    columnPlan,
    timestampFormat: getSpreadsheetDateFormat(locale),
    localDates: new LocalDates(timezone),
  }
  const stats = createStats()
  return new EncoderStream(WHERE, stats, (emit, context) => {
    const format = new XlsxFormat(plan, stats, emit, context.warn)
    return new WorkbookEncoder(eventSheet ? omitEvents(columnPlan) : columnPlan, format, stats, context)
  })
}

/** Passes the records also to the sheets of events, if there are any. */
class WorkbookEncoder extends TableEncoder {
  readonly #format: XlsxFormat

  constructor(plan: ColumnPlan, format: XlsxFormat, stats: EncoderStats, context: EncoderContext) {
    super(plan, format, stats, context)
    this.#format = format
  }

  override async writeRecords(records: readonly RecordOrRow[]): Promise<void> {
    await this.#format.addEvents(records)
    await super.writeRecords(records)
  }
}

/** Leaves out the column of events, because they have a sheet. A list in the option `columns` stays the same. */
const omitEvents = (plan: ColumnPlan): ColumnPlan => ({
  ...plan,
  selection: {
    ...plan.selection,
    isSelected: (id) => id !== 'flowNodeInstances' && plan.selection.isSelected(id),
  },
})
