// Types of columns: which type is wider, and the type names and casts of each database.
import t from 'tap'
import { duckdbDialect } from '../../lib/destinations/duckdb/duckdb-dialect.js'
import { postgresDialect } from '../../lib/destinations/postgres/postgres-dialect.js'
import { describeColumnType } from '../../lib/load/history/recorded-schema.js'
import { widenType } from '../../lib/load/columns/widen-type.js'
import type { ColumnType } from '../../lib/schema/types/column-type.js'

t.test('types only become wider', async (t) => {
  const list: ColumnType = { list: 'string' }
  t.equal(widenType('int64', 'double'), 'double')
  t.equal(widenType('double', 'int64'), 'double')
  t.equal(widenType('timestamp', 'int64'), 'string')
  t.equal(widenType(list, 'json'), 'json')
  t.equal(widenType(list, 'string'), 'string')
  t.strictSame(widenType(list, { list: 'string' }), list)
  t.equal(widenType('decimal(10,2)', 'decimal(8,4)'), 'decimal(12,4)')
  t.equal(widenType('int64', 'decimal(8,4)'), 'decimal(23,4)')
  t.equal(widenType('decimal(38,0)', 'decimal(8,4)'), 'string')
  t.equal(widenType('double', 'decimal(8,4)'), 'string')
  t.equal(widenType('timestamp', 'date'), 'string')
  t.equal(describeColumnType('int64'), 'int64')
  t.equal(describeColumnType({ sql: 'numeric' }), 'numeric')
  t.equal(describeColumnType(list), 'nested')
})

t.test('the type names and the casts of DuckDB', async (t) => {
  const struct = {
    struct: [
      { name: 'a b', type: 'string' as const },
      { name: 'c"', type: 'timestamp' as const },
    ],
  }
  for (const type of [
    'string',
    'json',
    { list: 'int64' as const },
    { list: struct },
    struct,
    { map: 'string' as const },
  ] as ColumnType[])
    t.strictSame(duckdbDialect.parseTypeName(duckdbDialect.getTypeName(type)), type)
  t.strictSame(duckdbDialect.parseTypeName('STRUCT(a VARCHAR)[]'), {
    list: { struct: [{ name: 'a', type: 'string' }] },
  })
  for (const exact of ['date', 'decimal(18,3)'] as const)
    t.equal(duckdbDialect.parseTypeName(duckdbDialect.getTypeName(exact)), exact)
  for (const other of ['HUGEINT', 'STRUCT(a DATE)', 'DATE[]', 'INTEGER[][]', 'BIGINT[][]'])
    t.equal(duckdbDialect.parseTypeName(other), undefined)
  t.equal(duckdbDialect.cast('x', 'string', 'JSON'), 'to_json(x)')
  t.equal(duckdbDialect.cast('x', 'int64', 'JSON'), 'CAST(to_json(x) AS JSON)')
  t.equal(duckdbDialect.cast('x', { list: 'int64' }, 'VARCHAR'), 'CAST(to_json(x) AS VARCHAR)')
  t.equal(duckdbDialect.cast('x', 'double', 'DECIMAL(9,2)'), 'CAST(CAST(x AS VARCHAR) AS DECIMAL(9,2))')
  t.equal(duckdbDialect.cast('x', 'string', 'DECIMAL(9,2)'), "CAST(NULLIF(x, '') AS DECIMAL(9,2))")
  t.equal(duckdbDialect.cast('x', { list: 'int64' }, 'DATE[]'), 'CAST(x AS DATE[])')
  t.equal(duckdbDialect.cast('x', 'date', 'TIMESTAMP'), 'CAST(x AS TIMESTAMP)')
  t.equal(
    duckdbDialect.cast('x', 'string', 'DATE'),
    "CAST(CAST(NULLIF(x, '') AS TIMESTAMP WITH TIME ZONE) AT TIME ZONE 'UTC' AS DATE)",
  )
  t.equal(duckdbDialect.cast('x', 'date', 'VARCHAR'), 'CAST(x AS VARCHAR)')
})

t.test('the type names and the casts of PostgreSQL', async (t) => {
  t.equal(postgresDialect.getTypeName({ list: 'int64' }), 'jsonb')
  t.equal(postgresDialect.parseTypeName('character varying'), 'string')
  t.equal(postgresDialect.parseTypeName('numeric(9,2)'), 'decimal(9,2)')
  t.equal(postgresDialect.parseTypeName('numeric'), undefined)
  for (const exact of ['date', 'decimal(18,3)'] as const)
    t.equal(postgresDialect.parseTypeName(postgresDialect.getTypeName(exact)), exact)
  t.equal(postgresDialect.cast('x', 'date', 'date'), 'CAST(x AS date)')
  t.equal(postgresDialect.cast('x', 'json', 'text'), 'CAST(x AS text)')
  t.equal(postgresDialect.cast('x', 'string', 'jsonb'), 'to_jsonb(x)')
  t.equal(postgresDialect.cast('x', 'string', 'numeric(9,2)'), "CAST(NULLIF(x, '') AS numeric)")
  t.equal(postgresDialect.cast('x', 'double', 'character varying(5)'), 'CAST(CAST(x AS text) AS character varying)')
})
