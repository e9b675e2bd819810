// Writes a dataset and kills itself before a call to the file system. Arguments: the folder, the number of rows, the number of the call.
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { disk } from '../../../lib/files/local/disk.js'
import { toDataset } from '../../../lib/index.js'

const [path, rows, killAt] = process.argv.slice(2) as [string, string, string]
let calls = 0
for (const name of [
  'mkdir',
  'mkdirSync',
  'open',
  'readFile',
  'readdir',
  'rename',
  'rmdir',
  'unlink',
  'writeFileSync',
] as const) {
  const call = disk[name] as (...argv: unknown[]) => unknown
  const callOrKill = (...argv: unknown[]) => {
    if (++calls === Number(killAt)) process.kill(process.pid, 'SIGKILL')
    return call(...argv)
  }
  Object.assign(disk, { [name]: callOrKill })
}
const records = Array.from({ length: Number(rows) }, (_, index) => ({ id: index, month: `2026-0${1 + (index % 3)}` }))
await pipeline(Readable.from(records), toDataset({ path, partitionBy: 'month', format: 'csv' }))
process.stdout.write(`ended after ${calls} calls`)
