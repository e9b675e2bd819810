// Does not end some outputs in a folder, and prints each uncaught error. Arguments: the folder, and which outputs are not ended.
import { pipeline } from 'node:stream/promises'
import { atomicFile, atomicFiles, toDataset } from '../../../lib/index.js'

const [folder, way] = process.argv.slice(2) as [string, keyof typeof ways]
const ways = {
  'a file': () => void atomicFile(`${folder}/a.txt`).write('half'),
  'a dataset': () => void toDataset({ path: `${folder}/d`, format: 'csv' }).write({ id: 'half' }),
  'an unused file of a group': async () => {
    const [first] = atomicFiles([`${folder}/a.txt`, `${folder}/b.txt`])
    await pipeline([Buffer.from('whole')], first!)
  },
  'files of a group': () => {
    for (const file of atomicFiles([`${folder}/a.txt`, `${folder}/b.txt`, `${folder}/c.txt`])) file.write('half')
  },
}
process.on('uncaughtException', ({ message }) => {
  console.log(message)
  process.exitCode = 1
})
await ways[way]()
