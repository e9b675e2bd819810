// Paths, relative to the compiled files in bench/.build/bench/harness.
import { join } from 'node:path'

const here = import.meta.dirname

/** Returns the path of a source file in bench/. */
export const getSourcePath = (path: string): string => join(here, '..', '..', '..', path)

/** Returns the path of a compiled file in bench/.build/bench. */
export const getBuiltPath = (path: string): string => join(here, '..', path)
