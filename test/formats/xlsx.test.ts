import t from 'tap'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { toXlsx, type XlsxOptions } from '../../lib/formats/xlsx/index.js'
import { CellXml } from '../../lib/formats/xlsx/cell-xml.js'
import { getColumnLetters } from '../../lib/formats/xlsx/table-sheets.js'
import { ZipWriter } from '../../lib/formats/xlsx/zip-writer.js'
import { catchError, catchRejection } from '../support/catch-error.js'
import { encodeRecords } from '../support/encode/encode-csv.js'
import { readXlsx, readZip, type XlsxSheet } from '../support/readers/read-xlsx.js'

async function encode(records: readonly object[], options?: XlsxOptions) {
  const encoder = toXlsx(options)
  const warnings: string[] = []
  encoder.on('warning', ({ code, message }) => warnings.push(`${code} ${message}`))
  const bytes = await encodeRecords(records, encoder)
  return { bytes, sheets: readXlsx(bytes), warnings, stats: encoder.stats }
}

/** The cells of a row as `[type, value]`. */
const listCells = ({ rows }: XlsxSheet, row: number) => [...rows[row]!.values()].map(({ type, value }) => [type, value])

t.test('dates, numbers and booleans are values, and text stays text', async (t) => {
  const records = [
    {
      processInstanceId: '2251799813685249',
      startDate: '2024-05-31T04:11:26.500+0000',
      endDate: null,
      duration: 1500,
      variables: {
        number: '12.50',
        amount: '12.5',
        code: '007',
        formula: '=1+1',
        flag: 'true',
        when: '2024-01-01T00:00:00.000+0000',
      },
      flowNodeInstances: [{ id: 'f', name: 'A', startDate: null, endDate: null }],
    },
    {
      processInstanceId: '1',
      variables: { number: '3', amount: '-7.25', code: '7', formula: '-', flag: 'false', when: '' },
    },
  ]
  const { sheets, stats } = await encode(records, { columns: 'all', timezone: 'Europe/Berlin' })
  t.equal(sheets.length, 1)
  const [header, first, second] = [0, 1, 2].map((row) => sheets[0]!.rows[row]!)
  const names = [...header!.values()].map(({ value }) => value)
  const cell = (row: typeof first, name: string) => {
    const found = row!.get(getColumnLetters(names.indexOf(name)) + (row === first ? '2' : '3'))
    return found && [found.type, found.value, found.style]
  }
  t.strictSame(cell(first, 'processInstanceId'), ['text', '2251799813685249', 3])
  // 2024-05-31 06:11:26.5 in Berlin
  t.strictSame(cell(first, 'startDate'), ['number', '45443.2579456019', 1])
  t.equal(cell(first, 'endDate'), undefined)
  t.strictSame(cell(first, 'duration'), ['number', '1500', 0])
  t.strictSame(cell(first, 'variable:number'), ['text', '12.50', 3])
  t.strictSame(cell(first, 'variable:amount'), ['number', '12.5', 0])
  t.strictSame(cell(first, 'variable:code'), ['text', '007', 3])
  t.strictSame(cell(first, 'variable:formula'), ['text', '=1+1', 3])
  t.strictSame(cell(first, 'variable:flag'), ['boolean', '1', 0])
  t.strictSame(cell(second, 'variable:flag'), ['boolean', '0', 0])
  t.strictSame(cell(first, 'variable:when'), ['number', '45292.0416666667', 1])
  t.equal(cell(second, 'variable:when'), undefined)
  t.strictSame(cell(first, 'flowNodeInstances')?.slice(0, 2), ['text', JSON.stringify(records[0]!.flowNodeInstances)])
  t.equal(stats.schema!.find(({ name }) => name === 'variable:amount')!.type, 'double')
  t.match(sheets[0]!.xml, /<pane ySplit="1" topLeftCell="A2"[^>]*state="frozen"\/>/)
  t.match(sheets[0]!.xml, /<autoFilter ref="A1:K3"\/>/)
})

t.test('numbers that Excel would change are text', async (t) => {
  const records = [
    {
      id: '999999999999999',
      big: 10 ** 15,
      exact: 0.1 + 0.2,
      none: Infinity,
      safe: 123n,
      large: 2n ** 70n,
      variables: { v: '9007199254740991' },
    },
    { id: '1', big: 1, exact: 1, none: 2, safe: 1n, large: 1n, variables: { v: '5' } },
  ]
  const { sheets } = await encode(records)
  t.strictSame(listCells(sheets[0]!, 1), [
    ['text', '999999999999999'],
    ['text', '1000000000000000'],
    ['number', '0.30000000000000004'],
    ['text', 'Infinity'],
    ['number', '123'],
    ['text', String(2n ** 70n)],
    ['text', '9007199254740991'],
  ])
  t.strictSame(listCells(sheets[0]!, 2).at(-1), ['text', '5'], 'a column has one type')
})

t.test('a cell that does not fit an inferred type is text; a declared type is an error', async (t) => {
  const records = [{ variables: { a: '1', b: 'true' } }, { variables: { a: 'x', b: 'maybe' } }]
  const { sheets } = await encode(records, { sampleSize: 1 })
  t.strictSame(listCells(sheets[0]!, 1), [
    ['number', '1'],
    ['boolean', '1'],
  ])
  t.strictSame(listCells(sheets[0]!, 2), [
    ['text', 'x'],
    ['text', 'maybe'],
  ])
  const error = await catchRejection(encode(records, { types: { 'variable:a': 'int64' } }))
  t.match(error, { code: 'ERR_CELL_TYPE', message: 'toXlsx: row 2: column "variable:a": expected int64, got "x"' })
  const notJson = await catchRejection(encode([{ variables: { a: '{' } }], { types: { 'variable:a': 'json' } }))
  t.match(notJson, { code: 'ERR_CELL_TYPE', message: 'toXlsx: row 1: column "variable:a": expected json, got "{"' })
  const asText = await encode(records, { inferTypes: false })
  t.strictSame(listCells(asText.sheets[0]!, 1), [
    ['text', '1'],
    ['text', 'true'],
  ])
})

t.test('days are dates without a time, and decimals are numbers if Excel keeps their digits', async (t) => {
  const records = [
    { variables: { due: '2026-05-31T00:00:00.000+0200', amount: '12.50', exact: '12345678901234567.89' } },
    { variables: { due: '1899-12-31', amount: '-0.05', exact: '1' } },
  ]
  const types = {
    'variable:due': 'date',
    'variable:amount': 'decimal(12,2)',
    'variable:exact': 'decimal(20,2)',
  } as const
  const columns = Object.keys(types)
  const { bytes, sheets } = await encode(records, { types, columns, timezone: 'Europe/Berlin', locale: 'de' })
  t.strictSame(sheets[0]!.rows[1]!.get('A2'), { type: 'number', value: '46173', style: 4 })
  t.strictSame(listCells(sheets[0]!, 1).slice(1), [
    ['number', '12.50'],
    ['text', '12345678901234567.89'],
  ])
  t.strictSame(listCells(sheets[0]!, 2), [
    ['text', '1899-12-31'],
    ['number', '-0.05'],
    ['number', '1.00'],
  ])
  const styles = readZip(bytes).get('xl/styles.xml')!
  t.match(styles, /numFmtId="165" formatCode="dd.mm.yyyy"/)
  t.match(styles, '<numFmts count="3">')
  t.match(styles, 'numFmtId="166" formatCode="0.00"', 'the digits are shown')
  t.match(styles, /<cellXfs count="6">.*<xf numFmtId="166" [^>]*\/><\/cellXfs>/)
  t.strictSame(
    ['B2', 'B3', 'C3'].map((reference) => sheets[0]!.rows[Number(reference[1]) - 1]!.get(reference)!.style),
    [5, 5, 5],
  )
  const rounds = await encode([{ a: '7', b: '1.5' }], { types: { a: 'decimal(3,0)', b: 'decimal(3,1)' } })
  t.match(readZip(rounds.bytes).get('xl/styles.xml'), /"166" formatCode="0"\/>.*"167" formatCode="0\.0"/)
  t.strictSame(
    [...rounds.sheets[0]!.rows[1]!.values()].map(({ style }) => style),
    [5, 6],
  )
  const error = await catchRejection(encode([{ variables: { amount: '1.505' } }], { types }))
  t.match(error, {
    code: 'ERR_CELL_TYPE',
    message: /row 1: column "variable:amount": expected decimal\(12,2\), got "1\.505"/,
  })
})

t.test('a list of columns gets its types from the first records', async (t) => {
  const records = Array.from({ length: 5 }, (_, n) => ({ variables: { a: n < 3 ? String(n) : 'x', b: 'true' } }))
  for (const sampleSize of [3, 1000]) {
    const { sheets } = await encode(records, { columns: ['variable:b', 'variable:a'], sampleSize })
    t.strictSame(
      [1, 5].map((row) => listCells(sheets[0]!, row)),
      [
        [
          ['boolean', '1'],
          [sampleSize === 3 ? 'number' : 'text', '0'],
        ],
        [
          ['boolean', '1'],
          ['text', 'x'],
        ],
      ],
    )
  }
})

t.test('texts that a workbook cannot hold are changed, with a warning', async (t) => {
  const long = 'x'.repeat(32_768)
  const pair = `${'x'.repeat(32_765)}\u{1f600}x`
  const records = [
    { a: '\0\x1b\ufffe\ud800', b: 'a\r\nb\rc', c: ' <&> ', d: '_x0041_ k_X0041_', e: long, f: pair },
    { a: 'ok', b: '', c: null, d: 'x'.repeat(32_767), e: '\u{1f600}', f: long },
  ]
  const { sheets, warnings } = await encode(records)
  t.strictSame(listCells(sheets[0]!, 1), [
    ['text', '\ufffd\ufffd\ufffd\ufffd'],
    ['text', 'a\nb\nc'],
    ['text', ' <&> '],
    ['text', '_x005F_x0041_ k_x005F_X0041_'],
    ['text', `${'x'.repeat(32_766)}…`],
    ['text', `${'x'.repeat(32_765)}…`],
  ])
  t.strictSame([...sheets[0]!.rows[2]!.keys()], ['A3', 'D3', 'E3', 'F3'])
  t.match(sheets[0]!.xml, '<t xml:space="preserve"> &lt;&amp;&gt; </t>')
  t.strictSame(warnings, [
    'WARN_TEXT_CHANGED toXlsx: 3 texts of more than 32,767 characters: the end was cut off, because a cell of Excel holds no more',
    'WARN_TEXT_CHANGED toXlsx: 1 text with characters that a workbook cannot hold: they were replaced by U+FFFD',
  ])
})

t.test('rows continue in the next sheet', async (t) => {
  const records = Array.from({ length: 250 }, (_, n) => ({ n }))
  const { sheets, warnings } = await encode(records, { sheet: "A'name".padEnd(31, 'x'), sheetRows: 120 })
  t.strictSame(
    sheets.map(({ name, rows }) => [name, rows.length]),
    [
      ["A'name".padEnd(31, 'x'), 121],
      [`${"A'name".padEnd(29, 'x')} 2`, 121],
      [`${"A'name".padEnd(29, 'x')} 3`, 11],
    ],
  )
  const values = sheets.flatMap(({ rows }) => rows.slice(1)).map((row) => [...row.values()][0]!.value)
  t.strictSame(
    values,
    records.map(({ n }) => String(n)),
  )
  t.match(warnings, [/^WARN_SHEETS .* it continues in A'namex+ 2, A'namex+ 3$/])
})

t.test('the event log is a second sheet', async (t) => {
  const createEvents = (n: number) =>
    [1, 2].map((k) => ({ id: `${n}-${k}`, name: `N${k}`, startDate: '2024-01-01T00:00:00.000+0000', endDate: null }))
  const records = Array.from({ length: 110 }, (_, n) => ({
    processInstanceId: `p${n}`,
    variables: {},
    flowNodeInstances: createEvents(n),
  }))
  for (const columns of ['sample', 'all'] as const) {
    const { sheets } = await encode(records, { columns, eventSheet: true, sheetRows: 200 })
    t.strictSame(
      sheets.map(({ name, rows }) => [name, rows.length]),
      [
        ['Report', 111],
        ['Events', 201],
        ['Events 2', 21],
      ],
    )
    t.strictSame(
      listCells(sheets[0]!, 0).map(([, name]) => name),
      ['processInstanceId'],
    )
    t.strictSame(listCells(sheets[1]!, 1), [
      ['text', 'p0'],
      ['text', '0-1'],
      ['text', 'N1'],
      ['number', '45292'],
    ])
    t.strictSame(listCells(sheets[2]!, 20).slice(0, 2), [
      ['text', 'p109'],
      ['text', '109-2'],
    ])
  }
})

t.test('no two sheets have names that differ only in case, also where a name was cut', async (t) => {
  const records = Array.from({ length: 3 }, (_, n) => ({ n, flowNodeInstances: [{ id: 'x' }] }))
  const encodeNames = async (sheet: string, count: number) => {
    const { sheets, warnings } = await encode(records.slice(0, count), { sheet, eventSheet: true, sheetRows: 1 })
    return [sheets.map(({ name }) => name), warnings.at(-1)] as const
  }
  const [names, warning] = await encodeNames('EVENTS 2', 3)
  t.strictSame(names, ['EVENTS 2', 'EVENTS 2 2', 'EVENTS 2 3', 'Events', 'Events 3', 'Events 4'])
  t.match(warning, /^WARN_SHEETS .* Events does not fit .* it continues in Events 3, Events 4$/)
  const cut = 'x'.repeat(29)
  t.strictSame((await encodeNames(`${cut} 2`, 2))[0], [`${cut} 2`, `${cut} 3`, 'Events', 'Events 2'])
  const withPair = `${'x'.repeat(28)}\u{1f600}b`
  t.equal((await encodeNames(withPair, 2))[0][1], `${'x'.repeat(28)} 2`, 'a pair of surrogates is not cut')
})

t.test('the event sheet repeats columns of the instance', async (t) => {
  const createRecord = (n: number, amount: string) => ({
    processInstanceId: `p${n}`,
    businessKey: '007',
    variables: { amount, long: n === 1 ? '12345678901234567' : '1', due: '2026-05-31T00:00:00.000+0000' },
    flowNodeInstances: [{ id: `e${n}`, name: 'A', startDate: null, endDate: null }],
  })
  const records = [createRecord(0, '1.5'), createRecord(1, '2.5'), createRecord(2, 'x')]
  const fields = ['businessKey', 'variable:amount', 'variable:long', 'variable:due', 'variable:amuont']
  for (const sampleSize of [2, 1000]) {
    const { sheets, warnings } = await encode(records, { eventSheet: true, fields, sampleSize })
    t.strictSame(
      listCells(sheets[1]!, 0).map(([, name]) => name),
      ['processInstanceId', 'flowNodeInstanceId', 'flowNodeName', 'startDate', 'endDate', ...fields],
    )
    const kind = sampleSize === 2 ? 'number' : 'text'
    t.strictSame(listCells(sheets[1]!, 1), [
      ['text', 'p0'],
      ['text', 'e0'],
      ['text', 'A'],
      ['text', '007'],
      [kind, '1.5'],
      ['text', '1'],
      ['number', '46173'],
    ])
    t.strictSame(listCells(sheets[1]!, 3)[4], ['text', 'x'])
    t.match(warnings, [/^WARN_UNMATCHED_NAME toXlsx: fields: no record has "variable:amuont", did you mean/])
  }
  const decimal = {
    types: { 'variable:amount': 'decimal(9,2)' },
    eventSheet: true,
    fields: ['variable:amount'],
  } as const
  const typed = await encode(records.slice(0, 2), decimal)
  t.strictSame(typed.sheets[1]!.rows[1]!.get('F2'), { type: 'number', value: '1.50', style: 5 })
  t.match(await catchRejection(encode(records, { eventSheet: true, fields: ['x'], strict: true })), {
    code: 'ERR_UNMATCHED_NAME',
  })
  t.match(
    catchError(() => toXlsx({ fields: ['businessKey'] })),
    { option: 'fields', message: /needs eventSheet \(--event-sheet\)$/ },
  )
  t.match(
    catchError(() => toXlsx({ eventSheet: true, fields: ['startDate'] })),
    { option: 'fields', message: /which every event already has/ },
  )
})

t.test('there is a warning about dates in UTC and about numbers that stayed text', async (t) => {
  const createRecord = (due: string, amount: string, n: number) => ({
    startDate: '2026-05-31T00:00:00.000+0000',
    variables: {
      due,
      amount,
      code: n === 1 ? '1.10' : '1.10.2',
      whole: n === 1 ? '5' : '5.0',
      id: '9007199254740993.0',
    },
  })
  const records = [
    createRecord('2026-12-12T00:00:00.000+0100', '8922.40', 1),
    createRecord('2026-12-13T00:00:00.000+0100', '-7', 2),
    createRecord('', '', 3),
  ]
  const { warnings, sheets } = await encode(records)
  t.strictSame(warnings, [
    'WARN_UTC_DATES toXlsx: dates with another offset than UTC were written in UTC, such as 2026-12-12T00:00:00.000+0100, so some may show another day; give timezone (--timezone Europe/Berlin)',
    "WARN_NUMBERS_AS_TEXT toXlsx: columns whose values are all numbers stayed text, so that 1.50 keeps its zero; to make them numbers, give types (--types 'variable:amount=decimal(18,2),variable:whole=decimal(18,1)')",
  ])
  t.strictSame(listCells(sheets[0]!, 1)[1], ['number', '46367.9583333334'])
  const types = { 'variable:amount': 'decimal(18,2)', 'variable:whole': 'decimal(18,1)' } as const
  for (const timezone of ['UTC', 'Europe/Berlin'])
    t.strictSame((await encode(records, { timezone, types })).warnings, [], 'the caller has decided')
  t.strictSame((await encode(records.slice(2), { inferTypes: false })).warnings, [])
})

t.test('a workbook without records has the columns', async (t) => {
  const { sheets, bytes } = await encode([], { locale: 'de', eventSheet: true })
  t.strictSame(
    sheets.map(({ name, rows }) => [name, rows.length]),
    [
      ['Report', 1],
      ['Events', 1],
    ],
  )
  t.equal(sheets[0]!.rows[0]!.size, 9)
  t.match(readZip(bytes).get('xl/styles.xml'), 'formatCode="dd.mm.yyyy hh:mm:ss"')
  t.strictSame(bytes, (await encode([], { locale: 'de', eventSheet: true })).bytes, 'the same bytes each time')
})

t.test('dates that Excel does not have are text', async (t) => {
  const days = ['1900-02-28', '1900-03-01', '9999-12-31']
  const { sheets } = await encode(days.map((day) => ({ startDate: `${day}T00:00:00.000+0000` })))
  t.strictSame(
    [1, 2, 3].map((row) => listCells(sheets[0]!, row)[0]),
    [
      ['text', '1900-02-28T00:00:00.000+0000'],
      ['number', '61'],
      ['number', '2958465'],
    ],
  )
})

t.test('records without columns, and with more columns than a sheet can hold, are refused', async (t) => {
  t.match(await catchRejection(encode([{}])), { code: 'ERR_ENCODE', message: /at least one column, got none/ })
  const wide = Object.fromEntries(Array.from({ length: 16_385 }, (_, n) => [`c${n}`, 1]))
  t.match(await catchRejection(encode([wide])), { code: 'ERR_ENCODE', message: /at most 16,384 columns, got 16385/ })
  const zip = new ZipWriter(() => undefined, 20)
  t.match(await catchRejection(zip.addEntry('a', 'x'.repeat(1000))), {
    code: 'ERR_ENCODE',
    message: /at most 20 bytes/,
  })
})

t.test('options', async (t) => {
  for (const sheet of ['', 'a/b', 'history', 'Events', "'a", 'x'.repeat(32), 'a\uffff', 'a\ud800', 1])
    t.match(
      catchError(() => toXlsx({ sheet: sheet as string })),
      { code: 'ERR_OPTION', option: 'sheet' },
    )
  for (const locale of ['no_such', 5, 'xx-klingon-nope1234567'])
    t.match(
      catchError(() => toXlsx({ locale: locale as string })),
      { code: 'ERR_OPTION', option: 'locale' },
    )
  t.match(
    catchError(() => toXlsx({ timezone: 'Berlin' })),
    { message: /did you mean Europe\/Berlin/ },
  )
})

t.test('an encoder with an event sheet is destroyed if its reader fails', async (t) => {
  const encoder = toXlsx({ eventSheet: true })
  const records = Array.from({ length: 1200 }, (_, n) => ({
    processInstanceId: `p${n}`,
    flowNodeInstances: [{ id: 'x' }],
  }))
  const failing = pipeline(Readable.from(records), encoder, async (bytes: AsyncIterable<Buffer>) => {
    for await (const chunk of bytes) throw new Error(`stop after ${chunk.length > 0}`)
  })
  t.match(await catchRejection(failing), { message: 'stop after true' })
  t.ok(encoder.destroyed)
})

t.test('letters of columns, and the cell of a time', async (t) => {
  t.strictSame([0, 25, 26, 701, 702, 16_383].map(getColumnLetters), ['A', 'Z', 'AA', 'ZZ', 'AAA', 'XFD'])
  const cells = new CellXml((ms) => ms)
  t.equal(cells.formatTimestamp('A1', 0), '<c r="A1" s="1"><v>25569</v></c>')
})

t.test('an empty text is an empty cell', async (t) => {
  t.equal(new CellXml((ms) => ms).formatText('A1', ''), '')
})
