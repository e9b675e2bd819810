// Writes one version of a file after another until it is killed. A version is its number on 2,000 lines, and then the word "whole".
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { atomicFile } from '../../../lib/files/atomic-file.js'

const path = process.argv[2]!

function* createVersion(number: number) {
  for (let line = 0; line < 2000; line++) yield `${number}\n`
  yield 'whole'
}

for (let number = 1; ; number++) {
  await pipeline(Readable.from(createVersion(number)), atomicFile(path))
  if (number === 1) process.stdout.write('first\n')
}
