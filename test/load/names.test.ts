// Names of tables, and names of columns in a load file.
import t from 'tap'
import { createFileColumnNaming } from '../../lib/load/columns/column-naming.js'
import { formatTableName, tableNameRule } from '../../lib/load/table-name.js'

const path = { where: 'test', option: 'x' }

t.test('names of tables', async (t) => {
  t.strictSame(tableNameRule.parse('orders', path), { name: 'orders' })
  t.strictSame(tableNameRule.parse(' sales.orders ', path), { schema: 'sales', name: 'orders' })
  t.strictSame(tableNameRule.parse('"a.b"."c""d"', path), { schema: 'a.b', name: 'c"d' })
  for (const wrong of ['', 'a.b.c', 'a"b', '_optimize_loads', '_Optimize_Loads', 'a\0', 'a\ud800', 7])
    t.equal(tableNameRule.parse(wrong, path), undefined)
  t.equal(formatTableName({ name: 'a' }), 'a')
})

t.test('names in a load file are distinct for readers that ignore case', async (t) => {
  const name = createFileColumnNaming()
  t.strictSame(['a', 'A', 'a', 'Á'].map(name), ['a', 'A (2)', 'a', 'Á'])
})
