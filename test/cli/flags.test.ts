// Every option of the source and of the encoders has a flag of its name.
import t from 'tap'
import { columnFlags } from '../../lib/cli/flags/column-flags.js'
import {
  arrowFlags,
  csvFlags,
  parquetAndArrowFlags,
  parquetFlags,
  spreadsheetFlags,
  typeFlags,
  inferenceFlags,
  xlsxFlags,
} from '../../lib/cli/flags/encoder-flags.js'
import { eventFlags } from '../../lib/cli/flags/event-flags.js'
import {
  columnPairsKind,
  columnsKind,
  escapedKind,
  formatFlag,
  jsonKind,
  toKebabCase,
  nameListKind,
  numberKind,
  pairsKind,
  type Flag,
} from '../../lib/cli/flags/flags.js'
import { selectionFlags } from '../../lib/cli/flags/selection-flags.js'
import { program } from '../../lib/cli/program.js'
import { reportFlags } from '../../lib/cli/flags/report-flags.js'
import { serverFlags, sourceFlags } from '../../lib/cli/flags/source-flags.js'
import { exportStream, flowNodeEvents, OptionError, toCsv, toNdjson, toParquet } from '../../lib/index.js'
import { toArrow } from '../../lib/formats/arrow/index.js'
import { toXlsx } from '../../lib/formats/xlsx/index.js'
import { runCommand } from '../support/command/command-line.js'

/** Returns the options of a factory, from its message about an unknown one. */
function optionsOf(factory: (options: never) => unknown): string[] {
  try {
    factory({ 'no such option of any name': 1 } as never)
  } catch (error) {
    if (error instanceof OptionError) return /expected one of (.*)$/.exec(error.message)![1]!.split(', ')
  }
  throw new Error('expected an OptionError')
}

/** Functions and objects cannot be written as text. */
const withoutFlag = ['agent', 'fetch', 'signal']
const flags = [
  selectionFlags,
  columnFlags,
  csvFlags,
  parquetAndArrowFlags,
  parquetFlags,
  arrowFlags,
  typeFlags,
  inferenceFlags,
  spreadsheetFlags,
  xlsxFlags,
  eventFlags,
  sourceFlags,
  serverFlags,
  reportFlags,
].flatMap((group) => group.flags)
const listSpellings = (flag: Flag) => [formatFlag(flag), `--${flag.alias ?? ''}`]

t.test('every option has a flag of its name in kebab case', async (t) => {
  const all = [exportStream, toCsv, toParquet, toArrow, toXlsx, toNdjson, flowNodeEvents]
    .flatMap(optionsOf)
    .filter((name) => !withoutFlag.includes(name))
  t.ok(all.length > 30)
  const known = flags.flatMap(listSpellings)
  const missing = all.filter(
    (name) => !known.includes(`--${toKebabCase(name)}`) && !known.includes(`--no-${toKebabCase(name)}`),
  )
  t.strictSame(missing, [])
})

t.test('every flag is in --help-all, and no two have the same name', async (t) => {
  const { stdout } = await runCommand(['export', '--help-all'])
  const ofExport = program.commands.find(({ name }) => name === 'export')!.groups.flatMap((group) => group.flags)
  for (const flag of ofExport) t.ok(stdout.includes(formatFlag(flag)), formatFlag(flag))
  const names = ofExport.flatMap(listSpellings).filter((name) => name !== '--')
  t.equal(new Set(names).size, names.length)
})

t.test('text becomes values, and other text stays text for the library to refuse', async (t) => {
  t.strictSame(
    ['12', '-1.5', ' 12\r\n', 'x', '', ' '].map((text) => numberKind.parse([text])),
    [12, -1.5, 12, 'x', '', ' '],
  )
  t.strictSame(nameListKind.parse(['a, b ', 'c\\,d', '', 'e\\ ,\\ f']), ['a', 'b', 'c,d', 'e ', ' f'])
  t.strictSame(
    ['all', 'sample', 'a', 'all,a'].map((text) => columnsKind.parse([text])),
    ['all', 'sample', ['a'], ['all', 'a']],
  )
  t.strictSame(
    ['lf', 'crlf', '\\t', '\\r\\n', ';'].map((text) => escapedKind.parse([text])),
    ['\n', '\r\n', '\t', '\r\n', ';'],
  )
  t.strictSame(pairsKind('=').parse(['a=b=c', ' d = e ']), { a: 'b=c', d: 'e' })
  t.strictSame(columnPairsKind.parse(['a=b=int64, d = text ']), { 'a=b': 'int64', d: 'text' })
  t.strictSame(pairsKind(':').parse(['a:b:c']), { a: 'b:c' })
  t.strictSame(pairsKind('=').parse(['a=b', '=a']), '=a')
  t.strictSame(
    ['{"a":1}', '{'].map((text) => jsonKind.parse([text])),
    [{ a: 1 }, '{'],
  )
  t.equal(toKebabCase('retry.minDelay'), 'retry-min-delay')
})

t.test('blanks and line breaks around a fixed word are removed', async (t) => {
  const all = program.commands.flatMap(({ groups }) => groups).flatMap((group) => group.flags)
  const isListOfWords = ({ placeholder = '' }: Flag) => /^<[\w-]+(\|[\w-]+)+>$/.test(placeholder)
  t.ok(all.filter(isListOfWords).length > 30)
  for (const { name, placeholder, words, kind } of all.filter((flag) => flag.words || isListOfWords(flag))) {
    // the other value of --since is any date
    t.equal(placeholder, `<${(name === 'since' ? [...words!, 'date'] : words!).join('|')}>`)
    for (const word of words!) t.strictSame(kind.parse([` ${word}\r\n`]), kind.parse([word]), `${name} ${word}`)
  }
  t.match(await runCommand(['completion', ' bash\r\n']), { code: 0, stdout: /^_optimize_export\(\)/ })
  t.match(await runCommand(['help', ' exit-codes\r\n']), { code: 0, stdout: /^Exit codes, / })
  t.match(await runCommand(['help', ' export ']), { code: 0, stdout: /^Usage: optimize-export export/ })
})
