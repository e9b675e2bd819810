// Durations.
import t from 'tap'
import { durationRule } from '../../lib/shared/units.js'

const path = { where: 'test', option: 'x' }

t.test('durations', async (t) => {
  for (const [text, ms] of [
    ['500ms', 500],
    ['30s', 30_000],
    ['5m', 300_000],
    ['2h', 7_200_000],
    ['7d', 604_800_000],
    ['0', 0],
    ['60000', 60_000],
    [' 1.5 h ', 5_400_000],
    ['1.005s', 1005],
    [5, 5],
  ] as const)
    t.equal(durationRule.parse(text, path), ms)
  for (const wrong of ['', '5w', 'x', '-1', '0.5ms', '1e3', '99999999999d', -1, 1.5, null])
    t.equal(durationRule.parse(wrong, path), undefined)
})
