import { inspect } from 'node:util'
import t from 'tap'
import { ExportError, OptionError } from '../../lib/shared/errors.js'

t.test('an ExportError has its code and the given fields; console.log does not show its reason', async (t) => {
  const cause = new Error('below')
  const error = new ExportError('ERR_HTTP', 'm', {
    cause,
    reportId: 'r',
    page: 1,
    records: 0,
    status: 500,
    detail: 'd',
  })
  t.ok(error instanceof Error)
  t.equal(String(error), 'ExportError: m')
  t.equal(error.code, 'ERR_HTTP')
  t.equal(error.cause, cause)
  t.match(error, { reportId: 'r', page: 1, records: 0, status: 500, detail: 'd' })
  t.notMatch(inspect(new ExportError('ERR_HTTP', 'm', { reason: 'proxy' })), 'reason')
})

t.test('an undefined field is not a property of an ExportError', async (t) => {
  const error = new ExportError('ERR_FILE', 'm', { cause: undefined, reportId: undefined, page: 2 })
  t.strictSame(Object.keys(error).sort(), ['code', 'name', 'page'])
  t.notOk('cause' in error)
  t.strictSame(Object.keys(new ExportError('ERR_FILE', 'm')).sort(), ['code', 'name'])
})

t.test('an OptionError is a TypeError that names the option', async (t) => {
  const error = new OptionError('toCsv', 'stringify.eof', 'expected true or false, got 1')
  t.ok(error instanceof TypeError)
  t.equal(String(error), 'OptionError: toCsv: stringify.eof: expected true or false, got 1')
  t.equal(error.code, 'ERR_OPTION')
  t.equal(error.option, 'stringify.eof')
})

t.test('an error names the command that explains its code', async (t) => {
  t.equal(new ExportError('ERR_AUTH', 'm').help, 'optimize-export help ERR_AUTH')
  t.equal(new OptionError('toCsv', 'bom', 'expected true').help, 'optimize-export help ERR_OPTION')
})
