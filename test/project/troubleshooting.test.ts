// docs/troubleshooting.md: every code has its section, every section is a code, and shows what the command really prints.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { readDocument } from '../support/project/documents.js'
import { runCommand } from '../support/command/command-line.js'
import { commandCodes } from '../support/command/command-codes.js'
import { failureCodes, runFailure } from '../support/command/cli-failures.js'

const errors = readFileSync(join(import.meta.dirname, '../../lib/shared/errors.ts'), 'utf8')
const codes = [...new Set([...errors.matchAll(/'(ERR_[A-Z_]+)'/g)].map(([, code]) => code!))].sort()
const page = readDocument('docs/troubleshooting.md')
const [ofLibrary, ofCommand] = page.split('## Codes of the command\n')
const readSections = (text: string) =>
  new Map(
    text
      .split(/^### /m)
      .slice(1)
      .map((section) => [section.split('\n')[0]!, section]),
  )
const sections = readSections(ofLibrary!)
const commandSections = readSections(ofCommand!.split('## Problems without a code')[0]!)

t.test('every code has a section, and every section is a code', async (t) => {
  t.strictSame([...sections.keys()].sort(), codes)
  t.strictSame([...failureCodes].sort(), codes, 'and for every code there is a failure')
})

t.test('every code of the command has a section, which help prints', async (t) => {
  t.strictSame([...commandSections.keys()].sort(), commandCodes)
  for (const [code, section] of commandSections) {
    t.match(section, /\*\*Why\.\*\* .*\n\n\*\*What to do\.\*\* .*Exit code/s)
    const { code: exit, stdout } = await runCommand(['help', code])
    t.equal(exit, 0)
    t.match(stdout, new RegExp(`^${code}\n\n[^]*Why\\. [^]*What to do\\. [^]*Exit\\scode`))
  }
})

for (const [code, section] of sections) {
  t.test(`the page shows the output for ${code} as the command prints it`, async (t) => {
    const shown = /```text\n([\s\S]*?)\n```/.exec(section)?.[1]
    const { stderr, code: exit, isAbsent } = await runFailure(code)
    t.equal(stderr, shown)
    // the line about a wrong option needs no further explanation
    const isLast = stderr.endsWith(`\n  more: optimize-export help ${code}`)
    t.equal(isLast, code !== 'ERR_OPTION', 'and its last line names the help')
    t.ok(isAbsent, 'and there is no file')
    const exitCode = /Exit code (\d)/.exec(section)?.[1] ?? '1'
    t.equal(exit, Number(exitCode), 'and the exit code is the one that the section names, or 1')
    t.match(section, '**Why.**')
    t.match(section, '**What to do.**')
  })
}
