import t from 'tap'
import { toCsv } from '../../lib/encode/csv/to-csv.js'
import type { CsvOptions } from '../../lib/encode/csv/dialect.js'
import { encodeBothWays } from '../support/encode/encode-both-ways.js'
import { catchRejection, catchError } from '../support/catch-error.js'
import { encodeCsv, encodeCsvWithStats, readCsv } from '../support/encode/encode-csv.js'

const nested = {
  processDefinitionKey: 'p',
  processInstanceId: '1',
  counts: { incidents: 0 },
  flowNodeDurations: { start: { name: 'Start', value: 3 } },
  startDate: '2021-12-02T17:21:49.330+0200',
  tenantId: null,
  variables: { b: 'x,"y"', a: '' },
  flowNodeInstances: [{ id: 'f' }],
}

t.test('a nested record has the columns of the download, in its order', async (t) => {
  t.equal(
    await encodeCsv([nested]),
    'processDefinitionKey,processInstanceId,startDate,tenantId,count:incidents,dur:start,variable:b,variable:a,flowNodeInstances\n' +
      'p,1,2021-12-02T17:21:49.330+0200,,0,3,"x,""y""",,"[{""id"":""f""}]"\n',
  )
})

t.test('a decision, a map and a number have their columns', async (t) => {
  const decision = {
    decisionInstanceId: 'd',
    inputVariables: { c1: { id: 'c1', name: 'In', type: 'Double', value: '300.0' } },
    outputVariables: { c2: { id: 'c2', name: 'Out', type: 'String', values: ['a', 'b'] } },
  }
  t.equal(await encodeCsv([decision]), 'decisionInstanceId,input:c1,output:c2\nd,300.0,"[""a"",""b""]"\n')
  t.equal(await encodeCsv([{ key: 'a', value: 2, label: 'A' }]), 'key,label,value\na,A,2\n')
  t.equal(await encodeCsv([{ value: 1.5 }]), 'value\n1.5\n')
})

t.test('a hyper-map report has one row per pair, and one row for an empty group', async (t) => {
  const groups = [
    {
      key: 'g1',
      value: [
        { key: 'd1', value: 3, label: 'D1' },
        { key: 'd2', value: null, label: 'D2' },
      ],
      label: 'G1',
    },
    { key: 'g2', value: [], label: 'G2' },
  ]
  const { text, stats } = await encodeCsvWithStats(groups)
  t.equal(text, 'key,label,distributedKey,distributedLabel,value\ng1,G1,d1,D1,3\ng1,G1,d2,D2,\ng2,G2,,,\n')
  t.equal(stats.rows, 3)
})

t.test('a group of a hyper-map report whose value is null does not change the order of the columns', async (t) => {
  const group = { key: 'g', value: [{ key: 'd', value: 3, label: 'D', more: 1 }], label: 'G' }
  const header = 'key,label,distributedKey,distributedLabel,value,distributedMore\n'
  for (const empty of [
    { key: 'e', value: null, label: 'E' },
    { key: 'e', label: 'E', value: null },
    { key: 'e', label: 'E', value: [] },
  ])
    t.equal(await encodeCsv([empty, group]), `${header}e,E,,,,\ng,G,d,D,3,1\n`)
  t.equal(
    await encodeCsv([{ key: 'e', value: null }, group], { columns: 'all', sampleSize: 1 }),
    `key,value,label,distributedKey,distributedLabel,distributedMore\ne,,,,,\ng,3,G,d,D,1\n`,
  )
})

t.test('cells are text: numbers, booleans, bigints, dates, JSON', async (t) => {
  const row = {
    number: -1.5,
    bigint: 9007199254740993n,
    yes: true,
    no: false,
    date: new Date(0),
    list: [1, 'a'],
    object: { a: 12345678901234567890n },
    none: null,
    missing: undefined,
    empty: '',
    nan: Number.NaN,
  }
  t.strictSame(readCsv(await encodeCsv([row])), [
    Object.keys(row),
    [
      '-1.5',
      '9007199254740993',
      'true',
      'false',
      '1970-01-01T00:00:00.000Z',
      '[1,"a"]',
      '{"a":12345678901234567890}',
      '',
      '',
      '',
      'NaN',
    ],
  ])
})

t.test('a cell that has no text is ERR_ENCODE with its record and column', async (t) => {
  const circular: Record<string, unknown> = {}
  circular['self'] = circular
  const cases: [unknown, RegExp][] = [
    [() => 1, /^toCsv: row 2: column "b": expected a JSON value or a Date, got a function$/],
    [Symbol('s'), /^toCsv: row 2: column "b": expected a JSON value or a Date, got a symbol$/],
    [new Date(Number.NaN), /^toCsv: row 2: column "b": expected a valid Date, got an invalid one$/],
    [circular, /^toCsv: row 2: column "b": expected a value that JSON can hold$/],
  ]
  for (const [cell, message] of cases) {
    for (const stringify of [undefined, {}]) {
      const error = await catchRejection(
        encodeCsv(
          [
            { a: 1, b: 1 },
            { a: 2, b: cell },
          ],
          { stringify },
        ),
      )
      t.match(error, { name: 'ExportError', code: 'ERR_ENCODE', message })
    }
  }
})

t.test('an object 100,000 levels deep is ERR_ENCODE, with and without the spool', async (t) => {
  let deep: unknown = []
  for (let depth = 0; depth < 100_000; depth++) deep = [deep]
  for (const options of [
    {},
    { columns: 'all' },
    { columns: 'all', stringify: {} },
    { columns: 'all', preset: 'optimize' },
  ] as CsvOptions[]) {
    const message = /^toCsv: (row 1: column "a": )?a value is nested too deeply$/
    t.match(await catchRejection(encodeCsv([{ a: deep }], options)), {
      name: 'ExportError',
      code: 'ERR_ENCODE',
      message,
    })
  }
})

t.test('cells are quoted where RFC 4180 requires it', async (t) => {
  t.equal(
    await encodeCsv([{ a: 'x,y', b: 'x"y', c: 'x\ny', d: 'x\ry', e: ' x ', f: "x'y;z" }], { header: false }),
    '"x,y","x""y","x\ny","x\ry", x ,x\'y;z\n',
  )
})

t.test('names are quoted as cells are', async (t) => {
  t.equal(await encodeCsv([{ 'a,b': 1, 'c"d': 2, 'e\nf': 3 }]), '"a,b","c""d","e\nf"\n1,2,3\n')
})

t.test('csv-parse reads names and values with special characters as they were', async (t) => {
  const variables = Object.fromEntries(
    ['__proto__', 'constructor', 'a.b', 'a"b', 'a\r\nb', 'a,b', '😀', '', '=x'].map((name) => [
      name,
      `${name}|${name}`,
    ]),
  )
  const text = await encodeCsv([{ processInstanceId: '1', variables }])
  t.strictSame(readCsv(text), [
    ['processInstanceId', ...Object.keys(variables).map((name) => `variable:${name}`)],
    ['1', ...Object.values(variables)],
  ])
})

t.test('a table of one column has no blank lines', async (t) => {
  for (const stringify of [undefined, {}]) {
    const text = await encodeCsv([{ a: '' }, { a: null }, { a: 'x' }, {}], { columns: ['a'], stringify })
    t.equal(text, 'a\n""\n""\nx\n""\n')
    t.strictSame(readCsv(text), [['a'], [''], [''], ['x'], ['']])
    t.equal(await encodeCsv([{ '': 1 }], { stringify }), '""\n1\n')
    const blanks = [{ ' ': '\t' }, { ' ': '  \t ' }, { ' ': 'x ' }, { ' ': '\u00a0' }, { ' ': null }]
    t.equal(await encodeCsv(blanks, { stringify }), '" "\n"\t"\n"  \t "\nx \n\u00a0\n""\n')
    t.equal(await encodeCsv([{ a: ' ', b: null }], { stringify }), 'a,b\n ,\n')
    t.equal(await encodeCsv([{ '': ' ', ' ': ' ' }], { stringify, delimiter: '\t' }), '\t \n \t \n')
    t.equal(await encodeCsv([{ a: null }], { stringify, nullValue: ' ' }), 'a\n" "\n')
  }
})

t.test('header: false leaves the names out', async (t) => {
  t.equal(await encodeCsv([{ a: 1 }, { a: 2 }], { header: false }), '1\n2\n')
})

t.test('delimiters of one or more characters stand between cells', async (t) => {
  for (const delimiter of [';', '\t', '|', '.', '^', '||', '<>', '::', '\\', 'aba', '😀']) {
    const cells = ['x', delimiter, `x${String.fromCodePoint(delimiter.codePointAt(0)!)}`, `a${delimiter}b`, 'ab', 'aba']
    const row = Object.fromEntries(cells.map((cell, at) => [`c${at}`, cell]))
    t.strictSame(readCsv(await encodeCsv([row], { delimiter, header: false }), { delimiter }), [cells], delimiter)
  }
})

t.test('a cell that ends with the beginning of the delimiter is quoted', async (t) => {
  t.equal(await encodeCsv([{ a: 'x|', b: 'y' }], { delimiter: '||', header: false }), '"x|"||y\n')
})

t.test("quote: 'always' quotes every cell except null", async (t) => {
  t.equal(await encodeCsv([{ a: 'x', b: 1, c: null, d: '' }], { quote: 'always' }), '"a","b","c","d"\n"x","1",,""\n')
})

t.test('eol ends every line, including the last', async (t) => {
  t.equal(await encodeCsv([{ a: 1 }, { a: 2 }], { eol: '\r\n' }), 'a\r\n1\r\n2\r\n')
})

t.test('with bom the file begins with a byte order mark', async (t) => {
  t.equal(await encodeCsv([{ a: 1 }], { bom: true }), '\uFEFFa\n1\n')
  t.equal(await encodeCsv([{ a: 1 }], { bom: true, header: false }), '\uFEFF1\n')
  t.equal(await encodeCsv([], { bom: true, columns: ['a'], stringify: {} }), '\uFEFFa\n')
})

t.test('nullValue is written for null, and a text equal to it is quoted', async (t) => {
  const rows = [{ NULL: null, b: undefined, c: 'NULL', d: '', e: 'NULLS' }]
  for (const stringify of [undefined, {}]) {
    t.equal(await encodeCsv(rows, { nullValue: 'NULL', stringify }), '"NULL",b,c,d,e\nNULL,NULL,"NULL",,NULLS\n')
    t.equal(
      await encodeCsv(rows, { nullValue: 'NULL', quote: 'always', header: false, stringify }),
      'NULL,NULL,"NULL","","NULLS"\n',
    )
  }
})

const formulas = [
  '=1+1',
  '+1+1',
  '-1+1',
  '@SUM(A1)',
  '\t=1',
  '\r=1',
  '\n=1',
  '＝1',
  '-',
  '+',
  '-2021-12-02',
  '--1',
  '-1.5e',
]
const harmless = [
  '-1.50',
  '+4.2e3',
  '-1,234.50',
  '+.5',
  '-12%',
  '2021-12-02T17:21:49.330+0200',
  '1-1',
  'a=b',
  '',
  "'=1",
]

t.test('formulaGuard puts an apostrophe before formulas, in cells and names', async (t) => {
  for (const text of formulas) {
    for (const stringify of [undefined, {}]) {
      const lines = readCsv(await encodeCsv([{ [text]: text }], { formulaGuard: true, stringify }))
      t.strictSame(lines, [[`'${text}`], [`'${text}`]], JSON.stringify(text))
    }
  }
})

t.test('formulaGuard leaves numbers, dates and other text alone', async (t) => {
  for (const text of harmless) {
    t.strictSame(readCsv(await encodeCsv([{ a: text }], { formulaGuard: true })), [['a'], [text]], text)
  }
  const row = { a: -1.5, b: new Date(-1e15), c: -9007199254740993n, d: false, e: null, f: [-1] }
  t.strictSame(readCsv(await encodeCsv([row], { formulaGuard: true }))[1], [
    '-1.5',
    '-029719-04-05T22:13:20.000Z',
    '-9007199254740993',
    'false',
    '',
    '[-1]',
  ])
})

t.test('formulas do not change without formulaGuard', async (t) => {
  for (const text of formulas) t.strictSame(readCsv(await encodeCsv([{ a: text }]))[1], [text])
})

const processHeader =
  'processDefinitionKey,processDefinitionId,processInstanceId,businessKey,startDate,endDate,duration,engineName,tenantId'

t.test(
  'without records the file has a header of the listed or picked columns, else of the documented fields',
  async (t) => {
    for (const columns of ['sample', 'all'] as const) {
      for (const stringify of [undefined, {}])
        t.equal(await encodeCsv([], { columns, stringify, bom: true }), `\uFEFF${processHeader}\n`)
      t.equal(await encodeCsv([], { columns, omit: ['tenantId'] }), `${processHeader.replace(',tenantId', '')}\n`)
      t.equal(await encodeCsv([], { columns, pick: ['variable:b', 'duration'], naming: 'plain' }), 'b,duration\n')
      t.equal(await encodeCsv([], { columns, header: false }), '')
      t.equal(await encodeCsv([], { columns, preset: 'optimize' }), `"${processHeader.replaceAll(',', '","')}"\r\n`)
    }
    t.equal(await encodeCsv([], { lateColumns: 'overflow' }), `${processHeader},overflow\n`)
    const { stats } = await encodeCsvWithStats([])
    t.match(stats, { rows: 0, columns: 9 })
    t.equal(await encodeCsv([], { columns: ['a', 'variable:b'] }), 'a,variable:b\n')
    t.equal(await encodeCsv([], { columns: ['a', 'variable:b'], naming: 'plain' }), 'a,b\n')
    t.equal(await encodeCsv([], { columns: ['a'], header: false }), '')
    t.equal(await encodeCsv([], { columns: ['a', 'b'], preset: 'optimize' }), '"a","b"\r\n')
  },
)

t.test('records without a column are refused, as in Parquet', async (t) => {
  const message = 'toCsv: expected records with at least one column, got none'
  for (const columns of ['sample', 'all'] as const)
    for (const more of [{}, { stringify: {} }, { preset: 'optimize' }] as const)
      for (const record of [{}, { variables: {} }])
        t.match(await catchRejection(encodeCsv([record, record], { columns, ...more })), {
          code: 'ERR_ENCODE',
          message,
        })
  const page = '{"numberOfRecordsInResponse":1,"totalNumberOfRecords":1,"data":[{"variables":{}}]}'
  for (const columns of ['sample', 'all'] as const)
    for (const file of await encodeBothWays([page], () => toCsv({ columns })))
      t.equal(String(file), `ERR_ENCODE ${message}`)
})

t.test('naming, pick and omit apply to nested records and to flat rows', async (t) => {
  const records = [{ processInstanceId: '1', duration: 5, variables: { a: 'x', b: 'y' } }]
  const flat = [{ processInstanceId: '1', duration: 5, 'variable:a': 'x', 'variable:b': 'y' }]
  for (const rows of [records, flat]) {
    t.equal(await encodeCsv(rows, { naming: 'plain', omit: ['duration'] }), 'processInstanceId,a,b\n1,x,y\n')
    t.equal(await encodeCsv(rows, { pick: ['variable:b'] }), 'variable:b\ny\n')
    t.equal(
      await encodeCsv(rows, { naming: (column) => column.toUpperCase(), pick: ['variable:a'] }),
      'VARIABLE:A\nx\n',
    )
  }
})

t.test('a collision of names is ERR_COLUMN_COLLISION', async (t) => {
  const records = [{ processInstanceId: '1', duration: 5, variables: { duration: 'x' } }]
  t.match(await catchRejection(encodeCsv(records, { naming: 'plain' })), {
    code: 'ERR_COLUMN_COLLISION',
    message: /^toCsv: columns "duration" and "variable:duration" would have the same name, "duration"/,
  })
})

t.test('records are not changed', async (t) => {
  const before = structuredClone(nested)
  for (const options of [{}, { columns: 'all' }, { preset: 'optimize' }, { stringify: {} }] as CsvOptions[])
    await encodeCsv([nested], options)
  t.strictSame(nested, before)
})

t.test('stats count rows, columns and bytes', async (t) => {
  const { text, stats } = await encodeCsvWithStats([{ a: '😀', b: 1 }, { a: 'x' }])
  t.match(stats, { rows: 2, columns: 2, bytes: Buffer.byteLength(text), lateColumns: 0, droppedCells: 0 })
  t.notOk('rowGroups' in stats)
})

t.test('large rows and many rows are complete in the output', async (t) => {
  const rows = Array.from({ length: 3000 }, (_, at) => ({ id: String(at), text: `"${'é'.repeat(at % 200)}"` }))
  rows.push({ id: 'large', text: 'x'.repeat(300_000) })
  for (const stringify of [undefined, {}]) {
    const lines = readCsv(await encodeCsv(rows, { stringify }))
    t.strictSame(lines, [['id', 'text'], ...rows.map(({ id, text }) => [id, text])])
  }
})

t.test('every bad option is an OptionError at the call, which says what was expected and what came', async (t) => {
  const cases: [object, RegExp][] = [
    [{ delimeter: ';' }, /^toCsv: delimeter: unknown option, did you mean delimiter$/],
    [{ lateColumn: 'drop' }, /^toCsv: lateColumn: unknown option, did you mean lateColumns$/],
    [{ zzzzzzzzz: 1 }, /^toCsv: zzzzzzzzz: unknown option, expected one of /],
    [{ header: 'yes' }, /^toCsv: header: expected true or false, got "yes"$/],
    [{ delimiter: '' }, /^toCsv: delimiter: expected a non-empty string without a quote or a line break, got ""$/],
    [{ delimiter: '"' }, /delimiter: expected/],
    [{ delimiter: ';\n' }, /delimiter: expected/],
    [{ delimiter: 5 }, /delimiter: expected .*, got 5$/],
    [{ quote: 'all' }, /^toCsv: quote: expected 'minimal' or 'always', got "all"$/],
    [{ eol: '\r' }, /eol: expected '\\n' or '\\r\\n', got "\\r"$/],
    [{ bom: 1 }, /bom: expected true or false, got 1$/],
    [{ nullValue: null }, /nullValue: expected a string without a quote or a line break, got null$/],
    [{ nullValue: '"' }, /nullValue: expected/],
    [{ nullValue: 'a\nb' }, /nullValue: expected/],
    [{ nullValue: 'N,A' }, /^toCsv: nullValue: expected a string that needs no quotes in a cell, got "N,A"$/],
    [{ nullValue: '\\.' }, /expected a string that needs no quotes in a cell/],
    [{ nullValue: '|', delimiter: '||' }, /nullValue: expected a string that needs no quotes in a cell/],
    [{ formulaGuard: 'x' }, /formulaGuard: expected true or false/],
    [{ preset: 'word' }, /^toCsv: preset: expected 'optimize' or 'excel', got "word"$/],
    [{ columns: 'some' }, /columns: expected 'sample' or 'all' or an array of distinct strings, got "some"$/],
    [{ columns: ['a', 'a'] }, /columns: expected/],
    [{ columns: [1] }, /columns: expected/],
    [{ sampleSize: 0 }, /sampleSize: expected an integer from 1 to 1000000, got 0$/],
    [{ sampleSize: 1.5 }, /sampleSize: expected/],
    [{ lateColumns: 'ignore' }, /lateColumns: expected 'error', 'overflow' or 'drop', got "ignore"$/],
    [{ naming: 'short' }, /naming: expected/],
    [{ pick: 'a' }, /pick: expected/],
    [{ omit: {} }, /omit: expected/],
    [{ stringify: true }, /^toCsv: stringify: expected an object of .*, got true$/],
    [{ stringify: { delimeter: ';' } }, /^toCsv: stringify\.delimeter: unknown option, did you mean delimiter$/],
    [
      { stringify: { recordDelimiter: '\n' } },
      /stringify\.recordDelimiter: unknown option, did you mean record_delimiter$/,
    ],
    [{ stringify: { columns: ['a'] } }, /^toCsv: stringify\.columns: unknown option/],
    [{ stringify: { delimiter: 5 } }, /^toCsv: stringify: csv-stringify refuses it: .*delimiter/],
    [{ stringify: { cast: 'x' } }, /^toCsv: stringify\.cast: expected an object of/],
    [{ stringify: { cast: { string: 'x' } } }, /^toCsv: stringify\.cast\.string: expected a function, got "x"$/],
    [{ stringify: { cast: { bool: String } } }, /^toCsv: stringify\.cast\.bool: unknown option/],
  ]
  for (const [options, message] of cases) {
    const error = catchError(() => toCsv(options))
    t.match(error, { name: 'OptionError', code: 'ERR_OPTION', message })
    t.ok(error instanceof TypeError)
  }
  for (const options of [null, 'a', 7, []]) {
    t.match(
      catchError(() => toCsv(options as never)),
      { code: 'ERR_OPTION', message: /^toCsv: options: expected an object/ },
    )
  }
})

t.test('an option given as undefined has its default', async (t) => {
  const options = {
    delimiter: undefined,
    eol: undefined,
    nullValue: undefined,
    columns: undefined,
    stringify: undefined,
  }
  t.equal(await encodeCsv([{ a: 1, b: null }], options), 'a,b\n1,\n')
})

t.test('the caller’s options are not changed, and can be used again', async (t) => {
  const options = Object.freeze({ columns: Object.freeze(['b', 'a']), stringify: Object.freeze({ quoted: true }) })
  t.equal(await encodeCsv([{ a: 1, b: 2 }], options), '"b","a"\n"2","1"\n')
  t.equal(await encodeCsv([{ a: 3, b: 4 }], options), '"b","a"\n"4","3"\n')
})
