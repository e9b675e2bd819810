import t from 'tap'
import { toCsv } from '../../lib/index.js'
import { encodeBothWays } from '../support/encode/encode-both-ways.js'
import { catchError } from '../support/catch-error.js'
import { encodeCsv, encodeRecords, readCsv } from '../support/encode/encode-csv.js'

const record = {
  processInstanceId: '2251799813685249',
  startDate: '2024-05-31T04:11:26.500+0000',
  endDate: null,
  share: 0.25,
  big: 2n ** 60n,
  at: new Date('2024-01-01T00:00:00Z'),
  list: [1.5],
  variables: {
    amount: '12.5',
    code: '007',
    exponent: '12E3',
    formula: '=1+1',
    negative: '-1',
    text: '1.5.2024',
    zero: '0',
  },
}
const cells = (text: string, delimiter: string) => readCsv(text.slice(1), { delimiter })

t.test('values are written as Excel in a given language reads them', async (t) => {
  const german = await encodeCsv([record], { preset: 'excel', locale: 'de', timezone: 'Europe/Berlin' })
  t.equal(german[0], '\ufeff')
  t.equal(german.split('\r\n').length, 3)
  t.match(german, '"=""2251799813685249"""')
  t.strictSame(cells(german, ';')[1], [
    ...['="2251799813685249"', '2024-05-31 06:11:26', ''],
    ...['12,5', '="007"', '="12E3"', "'=1+1", '-1', '="1.5.2024"', '0'],
    ...['0,25', `="${2n ** 60n}"`, '2024-01-01 01:00:00', '[1.5]'],
  ])
  const page = `{"data":[{"id":"a","share":1.50}],"searchRequestId":"x","numberOfRecordsInResponse":1,"totalNumberOfRecords":1,"reportId":"r","message":null}`
  const [byPages, byRecords] = await encodeBothWays([page], () => toCsv({ preset: 'excel', locale: 'de' }))
  t.equal(byPages.toString(), '\ufeffid;share\r\na;"1,50"\r\n', 'digits of the server')
  t.strictSame(byRecords, byPages)
})

t.test('the default is a decimal point, commas and UTC; options override the preset', async (t) => {
  const english = await encodeCsv([record], { preset: 'excel', columns: ['startDate', 'share', 'variable:code'] })
  t.equal(english, '\ufeffstartDate,share,variable:code\r\n2024-05-31 04:11:26,0.25,"=""007"""\r\n')
  const options = {
    preset: 'excel',
    bom: false,
    formulaGuard: false,
    eol: '\n',
    delimiter: '|',
    header: false,
  } as const
  t.equal(await encodeCsv([{ a: '=1', b: '007', c: 1 }], options), '=1|"=""007"""|1\n')
})

t.test('a decimal number whose digits before the point would change stays text', async (t) => {
  const values = ['007.50', '-01.5', '1234567890123456.5', '0.50', '-123456789012345.5', '33.333333333333336']
  const variables = Object.fromEntries(values.map((value, index) => [`v${index}`, value]))
  const [, row] = cells(await encodeCsv([{ variables }], { preset: 'excel', locale: 'de' }), ';')
  t.strictSame(row, [
    ...['="007.50"', '="-01.5"', '="1234567890123456.5"'],
    ...['0,50', '-123456789012345,5', '33,333333333333336'],
  ])
})

t.test('a text that Excel would change stays text', async (t) => {
  const changed = [
    '10.11.2026',
    '12:30',
    '9:05 PM',
    '-007',
    '3-4',
    '1/2',
    'MAR1',
    '5. März 2024',
    '1-Dez',
    '50%',
    '1,5',
  ]
  changed.push('+49 170 1', '1e5', '1.234.567', '€5', '(5)', ' 08', '.5', '-1234567890123456', "1'000")
  const kept = ['A-1', 'ABC123', 'MARKET1', 'Mai', '12 Monkeys', '1.2.3-beta', '007-A', '0', '-12', '123456789012345']
  const quoted = (text: string) => `="${text}"`
  for (const name of ['businessKey', 'variable']) {
    const records = [...changed, ...kept].map((text) =>
      name === 'variable' ? { variables: { text } } : { businessKey: text },
    )
    const rows = cells(await encodeCsv(records, { preset: 'excel', locale: 'de' }), ';').slice(1)
    t.strictSame(
      rows.map(([cell]) => cell),
      [...changed.map(quoted), ...kept],
    )
  }
  const both = ['1.10', '2026-05-31'].map((text) => ({ businessKey: text, variables: { text } }))
  t.strictSame(cells(await encodeCsv(both, { preset: 'excel', locale: 'de' }), ';').slice(1), [
    ['="1.10"', '1,10'],
    ['="2026-05-31"', '2026-05-31'],
  ])
  t.strictSame(cells(await encodeCsv(both.slice(0, 1), { preset: 'excel' }), ',')[1], ['="1.10"', '1.10'])
  t.equal(await encodeCsv([{ a: '3月5' }], { preset: 'excel', locale: 'ja', bom: false }), 'a\r\n"=""3月5"""\r\n')
  t.equal(await encodeCsv([{ '1.10': 1.1 }], { preset: 'excel', bom: false }), '"=""1.10"""\r\n1.1\r\n')
})

t.test('line breaks are changed also in a text that Excel would read as another value', async (t) => {
  const encode = (lineBreaks: 'space' | 'escape') =>
    encodeCsv([{ a: '1\n2', b: '=1\n2' }], { preset: 'excel', lineBreaks, bom: false })
  t.equal(await encode('space'), `a,b\r\n"=""1 2""",'=1 2\r\n`)
  t.equal(await encode('escape'), `a,b\r\n1\\n2,'=1\\n2\r\n`)
})

t.test('there is a warning about dates in UTC', async (t) => {
  const records = ['2026-12-12T00:00:00.000+0000', '2026-12-12T00:00:00.000+0100'].map((due) => ({ due }))
  for (const [timezone, expected] of [
    [undefined, ['WARN_UTC_DATES']],
    ['UTC', []],
  ] as const) {
    const encoder = toCsv({ preset: 'excel', timezone })
    const codes: string[] = []
    encoder.on('warning', ({ code }) => codes.push(code))
    const text = (await encodeRecords(records, encoder)).toString()
    t.equal(text, '\ufeffdue\r\n2026-12-12 00:00:00\r\n2026-12-11 23:00:00\r\n')
    t.strictSame(codes, expected)
  }
})

t.test("the preset works with columns: 'all'", async (t) => {
  t.equal(
    await encodeCsv([{ a: '1' }, { a: '2', b: '08' }], { preset: 'excel', columns: 'all' }),
    '\ufeffa,b\r\n1,\r\n2,"=""08"""\r\n',
  )
})

t.test('options that cannot be combined are refused', async (t) => {
  t.match(
    catchError(() => toCsv({ preset: 'excel', locale: ['de'] as never })),
    { option: 'locale', message: /expected a language such as 'de' or 'en-US', got an array/ },
  )
  t.match(
    catchError(() => toCsv({ locale: 'de' })),
    {
      code: 'ERR_OPTION',
      message: "toCsv: locale: needs preset 'excel' (--preset excel)",
    },
  )
  t.match(
    catchError(() => toCsv({ timezone: 'UTC', preset: 'optimize' })),
    { option: 'timezone' },
  )
  t.match(
    catchError(() => toCsv({ preset: 'excel', stringify: {} })),
    { option: 'stringify' },
  )
})

t.test('a date that is not in the years 0 to 9999 in the time zone of the file stays as it is', async (t) => {
  const dates = ['9999-12-31T23:30:00.000-0100', '0000-01-01T00:00:00.000+0100', '9999-12-31T22:30:00.000-0100']
  const records = dates.map((startDate) => ({ startDate }))
  const lines = readCsv(await encodeCsv(records, { preset: 'excel' }), { bom: true })
  t.strictSame(lines.slice(1).flat(), [`="${dates[0]!}"`, `="${dates[1]!}"`, '9999-12-31 23:30:00'])
})
