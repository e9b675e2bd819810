// The help of the command, the scripts for shells and the manual page.
import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { exit, exitCodeTexts, signals } from '../../lib/cli/errors/exit-codes.js'
import { formatFlag, millisecondsKind, secondsKind, sizeKind, toKebabCase } from '../../lib/cli/flags/flags.js'
import { createManPage } from '../../lib/cli/help/man-page.js'
import { program } from '../../lib/cli/program.js'
import { startFakeOptimize } from '../../lib/testing/index.js'
import { runCommand, startCommand } from '../support/command/command-line.js'
import { documents } from '../support/project/documents.js'
import { root } from '../support/root.js'

const MAX_HELP_LINES = 40
const countLines = (text: string) => text.trimEnd().split('\n').length
const listFlags = (name: string) =>
  program.commands.find((command) => command.name === name)!.groups.flatMap(({ flags }) => flags)

t.test('--help fits on a screen, and --help-all has every flag', async (t) => {
  for (const { name, commonFlags } of program.commands) {
    const help = await runCommand([name, '--help'])
    t.equal(help.code, 0)
    t.ok(countLines(help.stdout) <= MAX_HELP_LINES, `${name}: ${countLines(help.stdout)} lines`)
    t.match(help.stdout, new RegExp(`Examples:\n {2}optimize-export ${name}`))
    const flags = listFlags(name)
    const shown = commonFlags ?? flags.map((flag) => flag.name)
    for (const common of shown) {
      const flag = flags.find((candidate) => candidate.name === common)
      t.ok(flag, `${name}: ${common} is a flag`)
      t.ok(help.stdout.includes(`${formatFlag(flag!)} `), `${name}: ${common} is shown`)
    }
    if (!commonFlags) continue
    t.match(help.stdout, `optimize-export ${name} --help-all`)
    const all = await runCommand([name, '--help-all'])
    t.equal(all.code, 0)
    for (const flag of flags) t.ok(all.stdout.includes(formatFlag(flag)), formatFlag(flag))
  }
})

t.test('help names a command or a topic, and every topic has a text', async (t) => {
  const help = await runCommand(['help'])
  t.match(help, { code: 0, stdout: /Begin here:/ })
  t.equal((await runCommand(['help', 'help'])).stdout, help.stdout)
  t.equal((await runCommand(['help', 'load'])).stdout, (await runCommand(['load', '--help'])).stdout)
  const topics = /^Topics:\n((?: {2}.*\n?)+)/m.exec(help.stdout)![1]!.trim().split(/,\s+/)
  t.ok(topics.length > 10)
  for (const topic of topics) {
    const { code, stdout } = await runCommand(['help', topic])
    t.equal(code, 0, topic)
    t.ok(countLines(stdout) > 2, topic)
    t.ok(stdout.split('\n').every((line) => line.length <= 112) || topic === 'man-page', topic)
  }
  t.match((await runCommand(['help', 'parquet'])).stdout, /--codec.*[\s\S]*Flags of: export/)
  t.match((await runCommand(['help', 'types'])).stdout, /Flags of: export\n[\s\S]*--types[\s\S]*Flags of: load, /)
  t.match((await runCommand(['help', 'events'])).stdout, /--no-infer-types of the event log/)
  const { stdout: eventsHelp } = await runCommand(['help', 'events'])
  for (const word of ['process-mining', 'xes', 'ocel', 'celonis'])
    t.equal((await runCommand(['help', word])).stdout, eventsHelp, word)
  t.match(await runCommand(['help', 'parqet']), { code: 2, stderr: /unknown topic 'parqet': did you mean parquet\n/ })
  t.match(await runCommand(['help', 'zzzzzz']), {
    code: 2,
    stderr: /unknown topic 'zzzzzz': expected output, datasets, s3, /,
  })
})

t.test('help exit-codes says for each code what to do', async (t) => {
  const { code, stdout } = await runCommand(['help', 'exit-codes'])
  t.equal(code, 0)
  const lines = stdout.split('\n').filter((line) => /^ {2}\d/.test(line))
  const codes = lines.flatMap((line) => [...line.matchAll(/(?:^ {2}|, )(\d+) /g)].map(([, exit]) => Number(exit)))
  const known = [...Object.values(exit), ...Object.values(signals)]
  t.strictSame(
    known.filter((exit) => !codes.includes(exit)),
    [],
  )
  t.ok(lines.every((line) => /go on|try again|tell someone|run it again|nothing to do/.test(line)))
  const [, section] = /^## Exit codes\n([^]*?)\n## /m.exec(readFileSync(join(root, 'docs/scheduling.md'), 'utf8'))!
  const rows = [...section!.matchAll(/^\| (\d[\d, ]*?) *\|/gm)].flatMap(([, numbers]) =>
    numbers!.split(', ').map(Number),
  )
  t.strictSame(
    rows,
    exitCodeTexts.map(([number]) => number),
    'the document has the same codes',
  )
})

t.test('help of an error code is its section of the troubleshooting guide', async (t) => {
  const { code, stdout } = await runCommand(['help', 'ERR_AUTH'])
  t.equal(code, 0)
  t.match(stdout, /^ERR_AUTH\n\n[^`*]*check the token[^`*]*Why\. [^`*]*What to do\. /)
  t.match(stdout, 'docs/security.md#tokens')
  t.ok(stdout.split('\n').every((line) => line.length <= 112))
  t.match(stdout, /\n- .+\n- /, 'and the items of a list follow each other')
  t.match(await runCommand(['help', 'ERR_NONE']), { code: 2, stderr: /unknown topic 'ERR_NONE'/ })
  t.match((await runCommand(['help', 'ERR_NETWORK'])).stdout, /[^/]https:\/\/nodejs\.org\//, 'a link to another site')
})

t.test('every flag, or the option of its name, is in the documents', async (t) => {
  const text = documents.map((file) => readFileSync(join(root, file), 'utf8')).join('\n')
  const isDocumented = (name: string) => new RegExp(`[\\x60 .-]${name}\\b`).test(text)
  for (const { name: command } of program.commands)
    for (const { name } of listFlags(command)) {
      // a flag of the event log is documented with the flag of the records
      const own = name.replace(/^events([A-Z])/, (_, letter: string) => letter.toLowerCase())
      const option = own.replace(/^.*\./, '')
      const variable = `OPTIMIZE_${toKebabCase(own).replaceAll('-', '_').toUpperCase()}`
      t.ok([own, option, toKebabCase(own), variable].some(isDocumented), `optimize-export ${command}: ${name}`)
    }
})

t.test('every group of flags is shown by --help or has a topic', async (t) => {
  for (const { name, groups, commonFlags } of program.commands) {
    const hidden = groups.filter(
      ({ topic, flags }) =>
        topic === undefined && commonFlags && !flags.every((flag) => commonFlags.includes(flag.name)),
    )
    const isOutput = ({ title }: { title: string }) =>
      ['Output:', 'Target:', 'Compare with the last load:'].includes(title)
    t.strictSame(
      hidden.filter((group) => !isOutput(group)).map(({ title }) => title),
      [],
      name,
    )
  }
})

t.test('times and sizes may have units', async (t) => {
  const parse = (kind: typeof sizeKind, ...texts: string[]) => texts.map((text) => kind.parse([text]))
  t.strictSame(parse(millisecondsKind, '30s', '30 s', '500ms', '250', '1.5s', '2h', '1w', '-1s'), [
    30_000,
    30_000,
    500,
    250,
    1500,
    7_200_000,
    '1w',
    '-1s',
  ])
  t.strictSame(parse(secondsKind, '500ms', '30s', '2m', '45', '1d', 'toString'), [0.5, 30, 120, 45, 86_400, 'toString'])
  t.strictSame(parse(sizeKind, '16MiB', '1kB', '1KB', '2GB', '100', '5B'), [16_777_216, 1000, 1000, 2e9, 100, 5])
})

t.test('a wrong unit is an error that names the flag', async (t) => {
  const wrong = await runCommand(
    ['export', '--report', 'a', '--url', 'http://127.0.0.1:1', '--out', '-', '--request-timeout', '3x'],
    {
      env: { OPTIMIZE_TOKEN: 'demo' },
    },
  )
  t.match(wrong, { code: 2, stderr: /--request-timeout: expected .*3x/ })
})

t.test('bash completes commands, flags and values', async (t) => {
  const { code, stdout: script } = await runCommand(['completion', 'bash'])
  t.equal(code, 0)
  const complete = (...words: string[]) => {
    const list = words.map((word) => `'${word}'`).join(' ')
    const program = `${script}\nCOMP_WORDS=(${list}); COMP_CWORD=${words.length - 1}; _optimize_export; printf '%s\\n' "\${COMPREPLY[@]}"`
    return execFileSync('bash', ['-c', program], { encoding: 'utf8' }).trim().split('\n')
  }
  t.strictSame(complete('optimize-export', 'exp'), ['export'])
  t.strictSame(complete('optimize-export', 'export', '--format', 'par'), ['parquet'])
  t.strictSame(complete('optimize-export', 'export', '--variables', ''), ['columns', 'map'])
  t.strictSame(complete('optimize-export', 'load', '--variables', ''), ['columns', 'json'])
  t.strictSame(complete('optimize-export', 'export', '--max-page'), ['--max-page-bytes'])
  t.strictSame(complete('optimize-export', 'load', '--no-inf'), ['--no-infer-types'])
  t.strictSame(complete('optimize-export', 'export', '--help'), ['--help', '--help-all'])
  t.strictSame(complete('optimize-export', 'completion', '--help'), ['--help'])
  t.strictSame(complete('optimize-export', 'help', 'ex'), ['export', 'exit-codes'])
  t.strictSame(complete('optimize-export', 'help', 'parq'), ['parquet'])
  t.ok(complete('optimize-export', 'export', '--out', '/').length > 0, 'files')
})

t.test('fish completes the flags that bash completes', async (t) => {
  const [{ stdout: bash }, { stdout: fish }] = await Promise.all([
    runCommand(['completion', 'bash']),
    runCommand(['completion', 'fish']),
  ])
  const listed = [
    ...fish.matchAll(/^complete -c optimize-export(?: -n (?:'__fish_seen_subcommand_from (.*?)'|\S+))? -l (\S+)/gm),
  ]
  for (const { name } of program.commands) {
    const wanted = new RegExp(`^ {6}${name}\\) .*-W "(.*?)"`, 'm').exec(bash)![1]!.split(' ')
    const found = listed.filter(([line, command]) => command === name || line.endsWith(' -l help'))
    t.strictSame(found.map(([, , flag]) => `--${flag!}`).sort(), wanted.sort(), name)
  }
  t.notMatch(fish, /-d ''/)
  t.match(fish, /-l timezone -r -d 'the time zone.*\n.* -l no-timezone -d 'dates in the time zone of the server'\n/)
  t.match(fish, /-n '__fish_seen_subcommand_from help' -f -a 'export load .* parquet .* exit-codes /)
  t.match(fish, /-n __fish_use_subcommand -l version -d .*\n.*-n __fish_use_subcommand -f -a help -d /)
})

t.test('the scripts for zsh and fish are valid', async (t) => {
  const zsh = await runCommand(['completion', 'zsh'])
  t.match(zsh, { code: 0, stdout: /bashcompinit[\s\S]*complete -o filenames/ })
  const fish = await runCommand(['completion', 'fish'])
  t.match(fish, { code: 0, stdout: /-l format -x -a 'csv parquet/ })
  t.match(fish.stdout, /-l no-header -d 'no line with the names of the columns'/)
  for (const [shell, { stdout }] of [
    ['zsh', zsh],
    ['fish', fish],
  ] as const) {
    const { status, error, stderr } = spawnSync(shell, ['-n'], { input: stdout, encoding: 'utf8' })
    if (error) t.comment(`${shell} is not installed here`)
    else t.equal(status, 0, stderr)
  }
  t.match(await runCommand(['completion', 'cmd']), { code: 2, stderr: /expected bash, zsh or fish, got cmd/ })
  t.match(await runCommand(['completion']), { code: 2, stderr: /missing required argument/ })
})

t.test('the manual page is valid and has every command', async (t) => {
  const { code, stdout } = await runCommand(['help', 'man-page'])
  t.equal(code, 0)
  t.match(stdout, /^\.TH OPTIMIZE-EXPORT 1/)
  for (const { name } of program.commands) t.ok(stdout.includes(`.SS optimize-export ${name}\n`), name)
  t.ok(stdout.includes('.TP\n.B [jobs.yaml]\nthe jobs file\n'))
  t.ok(stdout.includes('.TP\n.B <bash|zsh|fish>\nthe shell\n'))
  t.ok(stdout.includes('.B \\-\\-max\\-page\\-bytes <size>'))
  const { error, stderr } = spawnSync('man', ['--warnings', '-l', '-'], { input: stdout, encoding: 'utf8' })
  if (error) t.comment('man is not installed here')
  else t.equal(stderr, '')
})

t.test('a line of the manual page that begins with a dot is text', async (t) => {
  t.match(createManPage({ ...program, description: 'a', topics: { dots: () => '.TH\n\\n' } }), /\n\\&\.TH\n\\en\n/)
})

t.test('demo --serve is a server with five reports until a signal', async (t) => {
  const running = startCommand(['demo', '--serve', '--records', '20'])
  await running.stdout.waitForText('Claims')
  const url = /OPTIMIZE_URL=(\S+)/.exec(running.stdout.text)![1]!
  const env = { OPTIMIZE_URL: url, OPTIMIZE_TOKEN: 'demo' }
  t.match(await runCommand(['list', '--collection', 'samples'], { env }), {
    code: 0,
    stdout: /^order-to-cash$/m,
    stderr: '',
  })
  t.match(await runCommand(['export', '--report', 'juchu-shori', '--out', '-', '--quiet'], { env }), {
    code: 0,
    stdout: /variable:顧客/,
    stderr: '',
  })
  running.signal('SIGINT')
  t.equal(await running.code, 130)
})

t.test('demo --serve says that its port is in use', async (t) => {
  const other = await startFakeOptimize()
  t.teardown(() => other.close())
  const port = new URL(other.url).port
  t.match(await runCommand(['demo', '--serve', '--port', port]), { code: 1, stderr: /EADDRINUSE/ })
})
