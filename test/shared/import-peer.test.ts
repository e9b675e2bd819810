// Whether the package is installed globally, and the line that installs an optional package beside it.
import { join } from 'node:path'
import t from 'tap'
import { describeError } from '../../lib/cli/errors/command-errors.js'
import { OptionError } from '../../lib/shared/errors.js'
import type * as ImportPeer from '../../lib/shared/import-peer.js'
import { isInstalledGlobally } from '../../lib/shared/package-version.js'

t.test('an installation is global if there is no package.json beside its node_modules', async (t) => {
  const folder = t.testdir({ own: { 'package.json': '{}', node_modules: { a: {} } }, lib: { node_modules: { a: {} } } })
  t.equal(isInstalledGlobally(join(folder, 'own/node_modules/a')), false)
  t.equal(isInstalledGlobally(join(folder, 'lib/node_modules/a')), true)
  t.equal(isInstalledGlobally('/somewhere/else'), false)
})

t.test('the message about a missing package has the line that installs it', async (t) => {
  for (const isGlobal of [false, true]) {
    const { importPeer } = await t.mockImport<typeof ImportPeer>('../../lib/shared/import-peer.js', {
      '../../lib/shared/package-version.js': { isInstalledGlobally: () => isGlobal },
    })
    const missing = () => Promise.reject(Object.assign(new Error('no'), { code: 'ERR_MODULE_NOT_FOUND' }))
    await t.rejects(importPeer('f', 'pg', missing, { option: 'into', installTogether: ['pg', 'pg-copy-streams'] }), {
      code: 'ERR_OPTION',
      option: 'into',
      message: `f: the package pg is not installed; run: npm install ${isGlobal ? '--global ' : ''}pg pg-copy-streams`,
    })
    await t.rejects(importPeer('f', 'pg', missing, { option: 'x' }), { option: 'x', message: /^f: the package .* pg$/ })
  }
})

t.test('the command names the option of an error whose message has none', async (t) => {
  t.equal(describeError(new OptionError('f', 'into', 'problem', 'f: problem')), 'into: problem')
  t.equal(describeError(new OptionError('f', 'into', 'problem')), 'into: problem')
})
