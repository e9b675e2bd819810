import { createCompletion, shells } from '../help/shell-completion.js'
import type { Context } from '../context.js'
import { exit } from '../errors/exit-codes.js'
import { joinWithOr } from '../output/format-text.js'
import { program } from '../program.js'
import { UsageError } from '../errors/usage-error.js'

export function runCompletion({ settings, stdout }: Context): Promise<number> {
  const name = settings.text('shell')!
  const shell = shells.find((known) => known === name)
  if (!shell) throw new UsageError(`completion: expected ${joinWithOr(shells)}, got ${name}`)
  stdout.write(createCompletion(shell, program))
  return Promise.resolve(exit.complete)
}
