import { pluralize } from '../../output/format-text.js'
import { UsageError } from '../../errors/usage-error.js'

/** A place in a file; lines and columns begin with 1. */
export interface Place {
  readonly line: number
  readonly column: number
}

export interface Problem {
  readonly place: Place
  readonly message: string
}

/** Creates the error for all problems of a file, in the order of their places: `jobs.yaml:12:5: …`. */
export function createProblemsError(path: string, problems: readonly Problem[]): UsageError {
  const lines = [...problems]
    .sort((a, b) => a.place.line - b.place.line || a.place.column - b.place.column)
    .map(({ place: { line, column }, message }) => `${path}:${line}:${column}: ${message}`)
  const distinct = [...new Set(lines)]
  return new UsageError(`${path}: ${pluralize(distinct.length, 'problem')}, nothing was requested`, { lines: distinct })
}
