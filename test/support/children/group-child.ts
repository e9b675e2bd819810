// Writes the first of two files of a group, and the second one as the argument says: not at all, or without an end.
import { pipeline } from 'node:stream/promises'
import { atomicFiles } from '../../../lib/index.js'

const [first, second, way] = process.argv.slice(2) as [string, string, 'unused' | 'without an end']
process.on('uncaughtException', ({ message }) => {
  console.log(message)
  process.exitCode = 1
})
const [one, other] = atomicFiles([first, second])
if (way === 'without an end') other!.write('half')
await pipeline([Buffer.from('whole')], one!)
console.log('written')
