// Writes a few bytes into a file and then waits until it is killed.
import { atomicFile } from '../../../lib/files/atomic-file.js'

const file = atomicFile(process.argv[2]!)
file.on('error', (error) => {
  process.stdout.write(error.message)
  process.exit()
})
file.write('of the child', () => process.stdout.write('written'))
setInterval(() => undefined, 1000)
