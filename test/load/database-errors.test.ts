// Errors of the databases: their codes and messages, and which of them are repeated.
import t from 'tap'
import { toDuckdbError } from '../../lib/destinations/duckdb/duckdb-session.js'
import { isConnectionLost, toPostgresError } from '../../lib/destinations/postgres/postgres-errors.js'
import type { LoadEvent } from '../../lib/load/load-events.js'
import { LoadDatabase } from '../../lib/load/load-database.js'
import { isRepeatable, markRepeatable } from '../../lib/load/load-destination.js'

t.test('an error of PostgreSQL has a code and a message, and may be repeatable', async (t) => {
  const map = (error: unknown) => toPostgresError('db', error, (text) => text.replaceAll('hunter2', '…'))
  const create = (code: string, more: object = {}) =>
    Object.assign(new Error('no hunter2\nsecond line'), { code, ...more })
  t.match(map(create('55P03')), { code: 'ERR_DESTINATION_BUSY' })
  t.match(map(create('54011')), { code: 'ERR_SCHEMA_CHANGE', message: /json/ })
  t.match(map(create('23502', { column: 'a', table: 't' })), {
    code: 'ERR_DESTINATION',
    message: 'db: no … (column a of t) [23502]',
    detail: '23502: no …',
  })
  t.match(map(create('23502', { column: 'a' })), { message: /\(column a\)/ })
  t.ok(isRepeatable(map(create('40001'))))
  t.ok(isRepeatable(map(new Error('Connection terminated unexpectedly'))))
  for (const code of [
    'ENOENT',
    'ECONNREFUSED',
    'ECONNRESET',
    'EAI_AGAIN',
    'EHOSTUNREACH',
    'ENETUNREACH',
    'ETIMEDOUT',
    '57P03',
  ])
    t.ok(isRepeatable(map(create(code))), code)
  for (const code of ['42501', '28P01', '3D000', 'ENOTFOUND']) t.notOk(isRepeatable(map(create(code))), code)
  t.match(map(new AggregateError([new Error('one'), new Error('two')])), { message: 'db: one; two' })
  t.match(map(new Error('')), { message: 'db: Error' })
  for (const other of ['x', Object.assign(new Error('x'), { name: 'AbortError' })]) t.equal(map(other), other)
  t.ok(isConnectionLost(create('57P01')))
  t.notOk(isConnectionLost(create('23505')))
  t.notOk(isConnectionLost({}))
  t.notOk(isRepeatable('x'))
})

t.test('an error of DuckDB has a code and a message with the remedy', async (t) => {
  const map = (text: string) => toDuckdbError('db', new Error(text))
  t.match(map('IO Error: Could not set lock on file "x": something'), {
    code: 'ERR_DESTINATION_BUSY',
    message: /another process/,
  })
  t.match(map('IO Error: Trying to read a database file with version number 99'), { message: /newer @duckdb/ })
  t.match(map('Out of Memory Error: x'), { message: /memoryLimit/ })
  t.match(map('TransactionContext Error: x'), { code: 'ERR_DESTINATION', message: 'db: TransactionContext Error: x' })
  t.equal(toDuckdbError('db', 'x'), 'x')
})

t.test('after a lost connection the work is repeated up to three times, after longer pauses each time', async (t) => {
  const pauses: number[] = []
  const reasons: string[] = []
  const controller = new AbortController()
  const database = new LoadDatabase(
    {
      signal: controller.signal,
      onEvent: (event: LoadEvent) => event.type === 'wait' && reasons.push(event.reason),
    } as never,
    'loadReport',
    (ms) => {
      pauses.push(ms!)
      return Promise.resolve(undefined as never)
    },
  )
  const lost = markRepeatable(new Error('lost'))
  const failures: Error[] = [lost, lost, lost]
  const work = () => {
    const failure = failures.pop()
    return failure ? Promise.reject(failure) : Promise.resolve('done')
  }
  t.equal(await database.repeat(work, 'again'), 'done')
  t.strictSame(pauses, [1000, 2000, 3000])
  t.strictSame(reasons, ['lost; again', 'lost; again', 'lost; again'])
  failures.push(lost, lost, lost, lost)
  await t.rejects(database.repeat(work, 'again'), lost)
  t.strictSame(failures, [])
  failures.push(lost, new Error('wrong password'))
  await t.rejects(database.repeat(work, 'again'), { message: 'wrong password' })
  t.equal(failures.length, 1, 'other errors are not repeated')
  t.equal(pauses.length, 6)
  controller.abort(new Error('stopped'))
  await t.rejects(database.repeat(work, 'again'), { name: 'AbortError' })
})
