import t from 'tap'
import fc from 'fast-check'
import { isApiDate, parseTimestamp } from '../../lib/schema/types/timestamp.js'
import { runs, seed } from '../support/random/property.js'

t.test('texts with different offsets for the same time have the same value', (t) => {
  const instant = Date.UTC(2021, 11, 2, 15, 21, 49, 330)
  for (const offset of [
    '17:21:49.330+0200',
    '17:21:49.330+02:00',
    '15:21:49.330Z',
    '10:51:49.330-0430',
    '10:51:49.330-04:30',
  ])
    t.equal(parseTimestamp(`2021-12-02T${offset}`), instant, offset)
  t.end()
})

t.test('the change to daylight saving time does not add an hour', (t) => {
  const before = parseTimestamp('2021-03-28T01:59:59.000+0100')!
  t.equal(parseTimestamp('2021-03-28T03:00:00.000+0200'), before + 1000)
  t.end()
})

t.test('dates before 1970 and in leap years are parsed correctly', (t) => {
  t.equal(parseTimestamp('1969-12-31T23:59:59.999Z'), -1)
  t.equal(parseTimestamp('1970-01-01T00:00:00.000+0100'), -3_600_000)
  t.equal(parseTimestamp('1900-02-28T00:00:00.000Z'), Date.UTC(1900, 1, 28))
  t.equal(parseTimestamp('2000-02-29T00:00:00Z'), Date.UTC(2000, 1, 29))
  t.equal(parseTimestamp('2024-02-29T12:00:00.5Z'), Date.UTC(2024, 1, 29, 12, 0, 0, 500))
  t.equal(parseTimestamp('0000-01-01T00:00:00Z'), new Date('0000-01-01T00:00:00Z').getTime())
  t.equal(parseTimestamp('9999-12-31T23:59:59.999Z'), new Date('9999-12-31T23:59:59.999Z').getTime())
  t.end()
})

t.test('a fraction of one to nine digits is accepted only if it is whole milliseconds', (t) => {
  const second = Date.UTC(2020, 0, 1)
  t.equal(parseTimestamp('2020-01-01T00:00:00Z'), second)
  t.equal(parseTimestamp('2020-01-01T00:00:00.1Z'), second + 100)
  t.equal(parseTimestamp('2020-01-01T00:00:00.12Z'), second + 120)
  t.equal(parseTimestamp('2020-01-01T00:00:00.123Z'), second + 123)
  t.equal(parseTimestamp('2020-01-01T00:00:00.123000Z'), second + 123)
  t.equal(parseTimestamp('2020-01-01T00:00:00.123000000Z'), second + 123)
  for (const lost of ['.1234Z', '.000000001Z', '.1230000000Z', '.Z'])
    t.equal(parseTimestamp(`2020-01-01T00:00:00${lost}`), undefined, lost)
  t.end()
})

t.test('text that is not a valid date is refused', (t) => {
  const refused = [
    '',
    '2020-01-01',
    '2020-01-01T00:00:00',
    '2020-01-01T00:00:00.000',
    '2020-01-01T00:00Z',
    '2020-01-01 00:00:00Z',
    '2020/01-01T00:00:00Z',
    '2020-01/01T00:00:00Z',
    '2020-01-01T00.00:00Z',
    '2020-01-01T00:00.00Z',
    '2020-00-01T00:00:00Z',
    '2020-13-01T00:00:00Z',
    '2020-01-00T00:00:00Z',
    '2020-01-32T00:00:00Z',
    '2020-04-31T00:00:00Z',
    '2021-02-29T00:00:00Z',
    '1900-02-29T00:00:00Z',
    '2020-01-01T24:00:00Z',
    '2020-01-01T00:60:00Z',
    '2020-01-01T00:00:60Z',
    '2020-01-01T00:00:00z',
    '2020-01-01T00:00:00Z ',
    '2020-01-01T00:00:00+02',
    '2020-01-01T00:00:00+2',
    '2020-01-01T00:00:00+02:0',
    '2020-01-01T00:00:00+02:000',
    '2020-01-01T00:00:00+02000',
    '2020-01-01T00:00:00+2400',
    '2020-01-01T00:00:00+0060',
    '2020-01-01T00:00:00 0200',
    '+2020-01-01T00:00:00Z',
    'a020-01-01T00:00:00Z',
    '20 0-01-01T00:00:00Z',
  ]
  for (const text of refused) t.equal(parseTimestamp(text), undefined, text)
  t.end()
})

t.test('only dates with exactly three digits after the point are dates of Optimize', (t) => {
  for (const text of ['2021-12-02T17:21:49.330+0200', '2021-12-02T17:21:49.330+02:00', '2021-12-02T17:21:49.330Z'])
    t.ok(isApiDate(text), text)
  for (const text of [
    '2021-12-02T17:21:49Z',
    '2021-12-02T17:21:49.33Z',
    '2021-12-02T17:21:49.330000Z',
    '2021-13-02T17:21:49.330Z',
    '2021',
  ])
    t.notOk(isApiDate(text), text)
  t.end()
})

t.test(`any date in any offset is read as JavaScript reads it (seed ${seed})`, (t) => {
  const dates = fc.date({
    min: new Date('0000-01-02T00:00:00Z'),
    max: new Date('9999-12-30T00:00:00Z'),
    noInvalidDate: true,
  })
  fc.assert(
    fc.property(dates, fc.integer({ min: -1439, max: 1439 }), (date, offset) => {
      const local = new Date(date.getTime() + offset * 60_000).toISOString().slice(0, -1)
      const digits = (value: number) => String(value).padStart(2, '0')
      const zone = `${offset < 0 ? '-' : '+'}${digits(Math.floor(Math.abs(offset) / 60))}:${digits(Math.abs(offset) % 60)}`
      return (
        parseTimestamp(local + zone) === date.getTime() &&
        parseTimestamp(local + zone.replace(':', '')) === date.getTime()
      )
    }),
    runs(500),
  )
  t.end()
})

t.test(`any text that parseTimestamp accepts is the same date for JavaScript (seed ${seed})`, (t) => {
  const noise = fc.stringMatching(/^\d{4}-[01]\d-[0-3]\dT[0-2]\d:[0-6]\d:[0-6]\d(\.\d{1,9})?(Z|[+-][0-2]\d:?[0-6]\d)$/)
  fc.assert(
    fc.property(noise, (text) => {
      const value = parseTimestamp(text)
      const withColon = text.replace(/([+-]\d\d)(\d\d)$/, '$1:$2')
      return value === undefined || value === new Date(withColon).getTime()
    }),
    runs(500),
  )
  t.end()
})
