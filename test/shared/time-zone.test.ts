import t from 'tap'
import { getDecimalSign, getSpreadsheetDateFormat, localeRule } from '../../lib/shared/locale.js'
import { createLocalTimeConverter, timeZoneRule } from '../../lib/shared/time-zone.js'

const show = (zone: string, text: string) => new Date(createLocalTimeConverter(zone)(Date.parse(text))).toISOString()

t.test('a converted time is the time of its zone', async (t) => {
  t.equal(show('UTC', '2024-05-31T04:00:00Z'), '2024-05-31T04:00:00.000Z')
  t.equal(show('Europe/Berlin', '2024-05-31T04:00:00Z'), '2024-05-31T06:00:00.000Z')
  t.equal(show('Europe/Berlin', '2024-01-31T04:00:00Z'), '2024-01-31T05:00:00.000Z')
  t.equal(show('America/St_Johns', '2024-01-31T04:00:00Z'), '2024-01-31T00:30:00.000Z')
  t.equal(show('Europe/Berlin', '1880-01-01T00:00:00Z'), '1880-01-01T00:53:28.000Z')
  t.equal(show('Europe/London', '2024-01-31T04:00:00Z'), '2024-01-31T04:00:00.000Z')
})

t.test('an alias of a zone is accepted in the spelling of IANA', async (t) => {
  const aliases =
    'US/Eastern Asia/Kolkata America/Knox_IN America/Argentina/ComodRivadavia Africa/Dar_es_Salaam Antarctica/McMurdo ' +
    'Australia/ACT Australia/LHI Australia/NSW Brazil/DeNoronha CET Chile/EasterIsland EST5EDT Etc/GMT+0 Etc/GMT0 GB-Eire ' +
    'GMT Greenwich Mexico/BajaNorte NZ-CHAT PRC ROC ROK UCT W-SU Zulu'
  for (const alias of aliases.split(' ')) t.equal(timeZoneRule.parse(alias, { where: '', option: '' }), alias)
})

t.test('the converter follows the change to summer time, even after it has dropped old offsets', async (t) => {
  const toLocalTime = createLocalTimeConverter('Europe/Berlin')
  const change = Date.parse('2024-03-31T01:00:00Z')
  t.equal(toLocalTime(change - 1) - (change - 1), 3_600_000)
  t.equal(toLocalTime(change) - change, 7_200_000)
  for (let slot = 0; slot <= 10_001; slot++) toLocalTime(change + slot * 900_000)
  t.equal(toLocalTime(change) - change, 7_200_000)
})

t.test('a locale has a decimal sign and a format of dates', async (t) => {
  t.strictSame(['de', 'en-US', 'ja', 'pt-BR', 'de-CH'].map(getDecimalSign), [',', '.', '.', ',', '.'])
  t.strictSame([undefined, 'de', 'en-US', 'sv', 'ar'].map(getSpreadsheetDateFormat), [
    'yyyy-mm-dd hh:mm:ss',
    'dd.mm.yyyy hh:mm:ss',
    'mm/dd/yyyy hh:mm:ss AM/PM',
    'yyyy-mm-dd hh:mm:ss',
    'dd"\u200f/"mm"\u200f/"yyyy hh:mm:ss AM/PM',
  ])
  t.equal(localeRule.parse('de', { where: '', option: '' }), 'de')
})

t.test('in winter, London has the time of UTC', async (t) => {
  const toLocalTime = createLocalTimeConverter('Europe/London')
  const winter = Date.parse('2024-01-15T12:00:00Z')
  t.equal(toLocalTime(winter), winter)
})
