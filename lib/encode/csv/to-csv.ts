import { resolveOptions } from '../../shared/options.js'
import { createColumnPlan } from '../column-options.js'
import { AllColumnsCsvFormat } from './all-columns-csv-format.js'
import { CsvStringifyFormat } from './csv-stringify-format.js'
import { CsvFormat } from './csv-format.js'
import { csvRules, resolveDialect, type CsvOptions, type Dialect, type ResolvedCsvOptions } from './dialect.js'
import { applyOptimizePreset } from './optimize-preset.js'
import { createStats, type Encoder, type NulWarning } from '../encoder.js'
import { EncoderStream } from '../encoder-stream.js'
import type { Emit, Format } from '../format.js'
import { TableEncoder } from '../table/table-encoder.js'

/**
 * Encodes records or flat rows as CSV in UTF-8. By default it has a header, the quotes of RFC 4180, `,`, `\n` and unchanged dates. Nested
 * records are flattened as `flattenRecord` does; objects and arrays become JSON text.
 *
 * @throws OptionError for a bad option, at the call. The stream fails with `ERR_LATE_COLUMN`, `ERR_COLUMN_COLLISION`, `ERR_UNMATCHED_NAME`
 * or `ERR_ENCODE`, and with `columns: 'all'` also with `ERR_SPOOL`.
 * @example await pipeline(exportStream({ … }), toCsv({ delimiter: ';', bom: true }), createWriteStream('instances.csv'))
 */
export function toCsv(options: CsvOptions = {}): Encoder {
  const resolved = resolveOptions<ResolvedCsvOptions>('toCsv', options, csvRules)
  const stats = createStats()
  return new EncoderStream('toCsv', stats, (emit, context) => {
    const nulDetector = new NulDetector(emit)
    const dialect = resolveDialect(resolved)
    const format = createFormat(nulDetector.emit, resolved, dialect)
    const outputFormat =
      resolved.preset === 'optimize' ? applyOptimizePreset(format, Array.isArray(resolved.columns), stats) : format
    const warnAtEnd = () => {
      const dateWarning = dialect.spreadsheet?.localDates.createWarning('toCsv')
      if (nulDetector.hasNul) context.warn(nulWarning)
      if (dateWarning) context.warn(dateWarning)
    }
    return new TableEncoder(createColumnPlan('toCsv', resolved), outputFormat, stats, context, [], warnAtEnd)
  })
}

/** In UTF-8 a zero byte is always NUL. */
class NulDetector {
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

function createFormat(emit: Emit, options: ResolvedCsvOptions, dialect: Dialect): Format {
  if (options.stringify) return new CsvStringifyFormat(emit, dialect, options.stringify)
  return options.columns === 'all' && options.preset !== 'optimize'
    ? new AllColumnsCsvFormat(emit, dialect)
    : new CsvFormat(emit, dialect)
}
