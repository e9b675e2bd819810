// Options of encoders for property tests.
import fc from 'fast-check'
import type { CsvOptions, ParquetOptions } from '../../../lib/index.js'

export const csvOptions: fc.Arbitrary<CsvOptions> = fc.record(
  {
    delimiter: fc.constantFrom(',', ';'),
    nullValue: fc.constantFrom('', 'NULL', '12'),
    columns: fc.constantFrom<CsvOptions['columns'][]>(
      'sample',
      'all',
      ['variables', 'processInstanceId'],
      ['flowNodeDurations', 'nothing'],
      ['outputVariables', 'output:o0', 'key'],
    ),
    lateColumns: fc.constantFrom('overflow' as const, 'drop' as const),
    sampleSize: fc.constantFrom(1, 5, 30),
    naming: fc.constantFrom('prefixed' as const, (column: string) => `<${column}>`),
    preset: fc.constantFrom('optimize' as const, undefined),
    quote: fc.constantFrom('minimal' as const, 'always' as const),
    formulaGuard: fc.boolean(),
    lineBreaks: fc.constantFrom('keep' as const, 'space' as const),
    emptyAsNull: fc.boolean(),
  },
  { requiredKeys: [] },
)

export const parquetOptions: fc.Arbitrary<ParquetOptions> = fc.record(
  {
    columns: fc.constantFrom<ParquetOptions['columns'][]>(
      'sample',
      'all',
      ['variables', 'processInstanceId'],
      ['outputVariables', 'output:o0', 'key'],
    ),
    lateColumns: fc.constantFrom('overflow' as const, 'drop' as const),
    sampleSize: fc.constantFrom(1, 5, 30),
    inferTypes: fc.boolean(),
    types: fc.constantFrom({ 'variable:amount': 'json' as const }, { 'variable:amount': 'double' as const }, {}),
    variables: fc.constantFrom('columns' as const, 'map' as const),
    rowGroupBytes: fc.constantFrom(500, 16 * 1024 ** 2),
    metadata: fc.constant({
      'optimize-export.reportId': '',
      'optimize-export.total': '',
      'optimize-export.startedAt': '',
    }),
  },
  { requiredKeys: ['metadata'] },
)
