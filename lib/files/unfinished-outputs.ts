// The outputs that were begun and have neither ended nor failed. When the process has nothing left to do, they will never end. Then they
// fail, because without an error their files would just be missing.

export interface UnfinishedOutput {
  /** Makes the streams fail that have not ended. Without a listener for its error, a stream ends the process with an error too. */
  failUnfinished(): void
}

const outputs = new Set<UnfinishedOutput>()

export function addUnfinished(output: UnfinishedOutput): void {
  if (outputs.size === 0) process.on('beforeExit', failAll)
  outputs.add(output)
}

export function removeUnfinished(output: UnfinishedOutput): void {
  outputs.delete(output)
  if (outputs.size === 0) process.off('beforeExit', failAll)
}

function failAll(): void {
  for (const output of outputs) output.failUnfinished()
}

export const NOT_ENDED = 'the stream was not ended'
