import t from 'tap'
import { formatCell, describeCell } from '../../lib/schema/cell-text.js'
import type { Cell } from '../../lib/shared/types.js'
import { catchError } from '../support/catch-error.js'

t.test('formatCell returns the text of a cell, or null for a null or missing cell', async (t) => {
  const cases: [Cell, string | null][] = [
    ['a,b', 'a,b'],
    ['', ''],
    [null, null],
    [undefined, null],
    [0, '0'],
    [-1.5, '-1.5'],
    [1e21, '1e+21'],
    [Number.NaN, 'NaN'],
    [true, 'true'],
    [false, 'false'],
    [9007199254740993n, '9007199254740993'],
    [new Date(Date.UTC(2021, 11, 2, 15, 21, 49, 330)), '2021-12-02T15:21:49.330Z'],
    [[1, 'a', null], '[1,"a",null]'],
    [{ a: { b: [] } }, '{"a":{"b":[]}}'],
    [{ n: 12345678901234567890n }, '{"n":12345678901234567890}'],
  ]
  for (const [cell, text] of cases) t.equal(formatCell(cell), text)
})

t.test('a value that has no text is ERR_ENCODE', async (t) => {
  const circular: Record<string, unknown> = {}
  circular['self'] = circular
  let deep: unknown = []
  for (let depth = 0; depth < 100_000; depth++) deep = [deep]
  const cases: [unknown, RegExp][] = [
    [() => 1, /expected a JSON value or a Date, got a function/],
    [Symbol('s'), /expected a JSON value or a Date, got a symbol/],
    [new Date(Number.NaN), /expected a valid Date, got an invalid one/],
    [circular, /expected a value that JSON can hold/],
    [{ ...circular, n: 1n }, /expected a value that JSON can hold/],
    [deep, /^a value is nested too deeply$/],
    [{ toJSON: () => undefined }, /expected a value that JSON can hold/],
  ]
  for (const [cell, message] of cases) {
    t.match(
      catchError(() => formatCell(cell as Cell)),
      { name: 'ExportError', code: 'ERR_ENCODE', message },
    )
  }
})

t.test('a long value is shortened to 40 characters and an ellipsis', async (t) => {
  t.equal(describeCell('abc'), '"abc"')
  t.equal(describeCell(null), 'null')
  t.equal(describeCell(12n), '12')
  t.equal(describeCell('x'.repeat(50)), `"${'x'.repeat(39)}…`)
})
