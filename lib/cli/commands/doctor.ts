import type { Context } from '../context.js'
import { runChecks, type CheckFinding } from '../doctor/checks.js'
import { exit } from '../errors/exit-codes.js'
import { escapeLine } from '../output/format-text.js'

export async function runDoctor({ settings, stdout, printJson, signal }: Context): Promise<number> {
  const isJson = settings.get('json') === true
  const found: CheckFinding[] = []
  for await (const finding of runChecks(settings, signal)) {
    found.push(finding)
    if (!isJson) stdout.write(formatFinding(finding))
  }
  if (isJson) printJson(found.map(({ check, result, message, remedy }) => ({ check, result, message, remedy })))
  return found.find(({ result }) => result === 'failed')?.exitCode ?? exit.complete
}

const RESULT_WIDTH = 9
const CHECK_WIDTH = 9

function formatFinding({ check, result, message, remedy }: CheckFinding): string {
  const line = `${result.padEnd(RESULT_WIDTH)}${check.padEnd(CHECK_WIDTH)}${escapeLine(message)}\n`
  return remedy === undefined ? line : `${line}${' '.repeat(RESULT_WIDTH + CHECK_WIDTH)}${escapeLine(remedy)}\n`
}
