// The table "You want → do this" of README.md: its commands, flags and functions exist.
import t from 'tap'
import * as library from '../../lib/index.js'
import * as testing from '../../lib/testing/index.js'
import { program } from '../../lib/cli/program.js'
import { runCommand } from '../support/command/command-line.js'
import { readDocument } from '../support/project/documents.js'

const [, table] = /\n## You want → do this\n([\s\S]*?)\n## /.exec(readDocument('README.md'))!
const rows = table!
  .split('\n')
  .filter((line) => line.startsWith('| '))
  .slice(2)
  .map((line) => line.split('|').map((cell) => cell.trim()))
const exported = new Set([...Object.keys(library), ...Object.keys(testing)])
const commands = ['help', ...program.commands.map(({ name }) => name)]

t.test('the table fits a screen, and each row has an answer and a guide', async (t) => {
  t.ok(rows.length >= 10 && rows.length <= 15)
  for (const [, goal, answer, guide] of rows) t.ok(answer!.includes('`') && guide!.includes(']('), goal!)
})

for (const code of rows.flatMap(([, , answer]) => [...answer!.matchAll(/`([^`]+)`/g)].map(([, code]) => code!))) {
  t.test(`${code} exists`, async (t) => {
    const [first = '', ...words] = code.replace(/^optimize-export /, '').split(' ')
    if (exported.has(first)) return
    const isFlag = first.startsWith('--')
    const command = isFlag ? 'export' : first
    t.ok(commands.includes(command), command)
    if (command === 'help') return t.match(await runCommand(['help', ...words]), { code: 0 })
    const flags = (isFlag ? [first, ...words] : words).filter((word) => word.startsWith('--'))
    const helps = await Promise.all(['--help', '--help-all'].map((flag) => runCommand([command, flag])))
    for (const flag of flags)
      t.ok(
        helps.some(({ stdout }) => new RegExp(`^  (-\\w, )?${flag}\\b`, 'm').test(stdout)),
        flag,
      )
  })
}
