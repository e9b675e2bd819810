// Paths, relative to the compiled files in test/proofs/.build/test/proofs/support.
import { join } from 'node:path'

const compiledProofs = join(import.meta.dirname, '..')

/** `test/proofs/.build`: everything that the proofs build; git ignores it. */
export const buildFolder = join(compiledProofs, '..', '..')

/** Returns the path of a source file in `test/proofs`. */
export const sourceFile = (path: string): string => join(buildFolder, '..', path)
