// Where things are, seen from the compiled files in bench/.build/bench/lab.
import { join } from 'node:path'

const here = import.meta.dirname

/** A file in bench/ as it was written. */
export const sourceFolder = (path: string): string => join(here, '..', '..', '..', path)

/** A file in bench/.build/bench, compiled. */
export const builtFile = (path: string): string => join(here, '..', path)
