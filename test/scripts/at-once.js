// Runs npm scripts at the same time, for `npm test`: node at-once.js SCRIPT... Prints the output of each script when it ends. Exits
// with 1 if one of them fails.
import { spawn } from 'node:child_process'

const npm = process.env.npm_execpath
if (!npm) throw new Error('at-once.js must be run by npm')

const results = await Promise.all(process.argv.slice(2).map(runScript))
process.exitCode = results.every((isPassed) => isPassed) ? 0 : 1

/** @param {string} name */
async function runScript(name) {
  const child = spawn(process.execPath, [npm, 'run', '--silent', name])
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += String(chunk)))
  const exitCode = await new Promise((resolve, reject) => child.once('error', reject).once('close', resolve))
  process.stdout.write(output)
  if (exitCode !== 0) process.stderr.write(`npm run ${name} failed\n`)
  return exitCode === 0
}
