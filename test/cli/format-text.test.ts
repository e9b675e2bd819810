import t from 'tap'
import { formatProgress, computeShare } from '../../lib/cli/progress/progress-text.js'
import {
  formatBytes,
  joinWithAnd,
  joinWithOr,
  pluralize,
  formatDuration,
  formatPercent,
} from '../../lib/cli/output/format-text.js'
import { detectTokenFormat } from '../../lib/cli/access/access-token.js'
import { pickWorstExitCode } from '../../lib/cli/errors/exit-codes.js'
import { describeError } from '../../lib/cli/errors/command-errors.js'
import { parseArguments } from '../../lib/cli/parser.js'
import { OptionError } from '../../lib/index.js'

t.test('figures are formatted for people', async (t) => {
  t.strictSame([0, 999, 1000, 1_234_567, 5e15].map(formatBytes), ['0 B', '999 B', '1.0 kB', '1.2 MB', '5000.0 TB'])
  t.strictSame([0.04, 9.9, 9.96, 59, 60, 185, 7800].map(formatDuration), [
    '0.0 s',
    '9.9 s',
    '10 s',
    '59 s',
    '1 min 0 s',
    '3 min 5 s',
    '2 h 10 min',
  ])
  t.strictSame([pluralize(1, 'record'), pluralize(1234, 'record')], ['1 record', '1,234 records'])
  t.strictSame([0.999, 1].map(formatPercent), ['99%', '100%'])
  t.strictSame([['a'], ['a', 'b', 'decimal(p,s)']].map(joinWithOr), ['a', 'a, b or decimal(p,s)'])
  t.equal(joinWithAnd(['a', 'b', 'c']), 'a, b and c')
})

t.test('progress is a line: percentage, records per second, bytes, time left, restarts', async (t) => {
  const figures = { records: 4200, total: 10_000, bytes: 5_200_000, restarts: 0 }
  t.equal(formatProgress(figures, Infinity, 3), '42% 4,200 of 10,000 records, 1,400/s, 5.2 MB, 4.1 s left')
  t.equal(
    formatProgress({ ...figures, restarts: 2 }, 5000, 3),
    '84% 4,200 of 5,000 records, 1,400/s, 5.2 MB, 0.6 s left, 2 restarts',
  )
  t.equal(formatProgress({ ...figures, total: undefined }, Infinity, 1), 'waiting for the first page, 1.0 s')
  t.equal(formatProgress({ ...figures, records: 0 }, Infinity, 0), '0% 0 of 10,000 records, 0/s, 5.2 MB')
  t.equal(
    formatProgress({ ...figures, records: 10_000 }, Infinity, 4),
    '100% 10,000 of 10,000 records, 2,500/s, 5.2 MB, finishing',
  )
  t.strictSame(
    [computeShare({ ...figures, total: 0 }, Infinity), computeShare({ ...figures, total: undefined }, 5)],
    [1, 0],
  )
})

t.test('the worst exit code is that of a failure that affects all reports', async (t) => {
  t.strictSame([[], [0, 3], [3, 1], [1, 4, 3]].map(pickWorstExitCode), [0, 3, 1, 4])
})

t.test('an unexpected failure is printed unchanged', async (t) => {
  t.equal(describeError('a text'), 'a text')
  t.equal(describeError(new OptionError('where', 'limit', 'expected: less')), 'limit: expected: less')
})

t.test('the token request is JSON for SaaS and a form for others', async (t) => {
  const urls = ['https://login.cloud.camunda.io/oauth/token', 'https://keycloak.example.com/token']
  t.strictSame(urls.map(detectTokenFormat), ['json', 'form'])
})

t.test('an unexpected exception in the parser of a flag is not a usage error', async (t) => {
  const kind = {
    form: 'text' as const,
    parse: () => {
      throw new Error('a bug')
    },
  }
  const group = { title: 'Flags:', flags: [{ name: 'flag', placeholder: '<text>', kind, description: '' }] }
  const spec = {
    name: 'a',
    version: '1',
    description: '',
    helpText: '',
    topics: {},
    findHelpText: () => undefined,
    commands: [{ name: 'b', description: '', groups: [group], helpText: '' }],
  }
  const output = { out: () => undefined, err: () => undefined }
  t.throws(() => parseArguments(['b', '--flag', 'x'], spec, output), { message: 'a bug' })
})
