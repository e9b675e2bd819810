// Where things are, seen from the compiled files in bench/.build/bench/lab.
import { join } from 'node:path'

const here = import.meta.dirname

/** A file in bench/ as it was written. */
export const getSourcePath = (path: string): string => join(here, '..', '..', '..', path)

/** A file in bench/.build/bench, compiled. */
export const getBuiltPath = (path: string): string => join(here, '..', path)
