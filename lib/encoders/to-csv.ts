// toCsv(): records or flat rows in, CSV bytes out.
import { resolveOptions } from '../options.js'
import { columnPlan, type ColumnPlan } from './columns.js'
import { CsvGrowing } from './csv/csv-growing.js'
import { CsvStringify } from './csv/csv-stringify.js'
import { CsvText } from './csv/csv-text.js'
import { csvRules, dialectOf, type CsvOptions, type ResolvedCsvOptions } from './csv/dialect.js'
import { asOptimizeDownload } from './csv/optimize-download.js'
import {
  EncoderStream,
  newStats,
  type Encoder,
  type EncoderStats,
  type NulWarning,
  type SinkContext,
  type Warn,
} from './encoder.js'
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
    const watch = new NulWatch(emit)
    const format = formatOf(watch.emit, resolved)
    const isList = Array.isArray(resolved.columns)
    const shown = resolved.preset ? asOptimizeDownload(format, isList, (count) => (stats.columns = count)) : format
    return new CsvTable(columnPlan('toCsv', resolved), shown, stats, context, watch)
  })
}

/** Looks for NUL in the bytes of a file: in UTF-8 this byte is nothing else. */
class NulWatch {
  hasNul = false
  readonly emit: Emit

  constructor(emit: Emit) {
    this.emit = (bytes) => {
      this.hasNul ||= Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).includes(0)
      return emit(bytes)
    }
  }
}

const nulWarning: NulWarning = {
  code: 'WARN_NUL',
  message:
    "toCsv: the file has a NUL character, at which psql's \\copy and other programs end the line, perhaps without an error; use lineBreaks 'space' or 'escape' to replace it",
}

class CsvTable extends Table {
  readonly #warn: Warn
  readonly #watch: NulWatch

  constructor(plan: ColumnPlan, format: Format, stats: EncoderStats, context: SinkContext, watch: NulWatch) {
    super(plan, format, stats, context)
    this.#warn = context.warn
    this.#watch = watch
  }

  override async end(): Promise<void> {
    await super.end()
    if (this.#watch.hasNul) this.#warn(nulWarning)
  }
}

function formatOf(emit: Emit, options: ResolvedCsvOptions): Format {
  const dialect = dialectOf(options)
  if (options.stringify) return new CsvStringify(emit, dialect, options.stringify)
  return options.columns === 'all' && !options.preset ? new CsvGrowing(emit, dialect) : new CsvText(emit, dialect)
}
