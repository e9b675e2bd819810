// toCsv(): records or flat rows in, CSV bytes out.
import { resolveOptions } from '../options.js'
import { columnPlan } from './columns.js'
import { CsvGrowing } from './csv/csv-growing.js'
import { CsvStringify } from './csv/csv-stringify.js'
import { CsvText } from './csv/csv-text.js'
import { csvRules, dialectOf, type CsvOptions, type ResolvedCsvOptions } from './csv/dialect.js'
import { asOptimizeDownload } from './csv/optimize-download.js'
import { EncoderStream, newStats, type Encoder } from './encoder.js'
import type { Emit, Format } from './format.js'
import { Table } from './table.js'

/**
 * Encodes records or flat rows as CSV: RFC 4180 quoting, `,`, `\n`, a header, UTF-8, dates verbatim. Nested records are
 * flattened as `flattenRecord` does; objects and arrays become JSON text.
 *
 * @throws OptionError for a bad option, at the call. The stream fails with `ERR_LATE_COLUMN`, `ERR_COLUMN_COLLISION` or `ERR_ENCODE`.
 * @example await pipeline(exportStream({ … }), toCsv({ delimiter: ';', bom: true }), createWriteStream('instances.csv'))
 */
export function toCsv(options: CsvOptions = {}): Encoder {
  const resolved = resolveOptions('toCsv', options, csvRules) as ResolvedCsvOptions
  const stats = newStats()
  return new EncoderStream('toCsv', stats, (emit, context) => {
    const format = formatOf(emit, resolved)
    const isList = Array.isArray(resolved.columns)
    const shown = resolved.preset ? asOptimizeDownload(format, isList, (count) => (stats.columns = count)) : format
    return new Table(columnPlan('toCsv', resolved), shown, stats, context)
  })
}

function formatOf(emit: Emit, options: ResolvedCsvOptions): Format {
  const dialect = dialectOf(options)
  if (options.stringify) return new CsvStringify(emit, dialect, options.stringify)
  return options.columns === 'all' && !options.preset ? new CsvGrowing(emit, dialect) : new CsvText(emit, dialect)
}
