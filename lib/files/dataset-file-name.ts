// The names of the files of a dataset, such as `part-00000-20261129t181500z-1a2b3c4d.parquet`: a number, the id of the run, the format.
import { randomBytes } from 'node:crypto'

/** Returns an id such as `20261129t181500z-1a2b3c4d`, which sorts by time and is unique. */
export function createRunId(): string {
  const time = new Date().toISOString().replace(/[-:]|\.\d+/g, '')
  return `${time.toLowerCase()}-${randomBytes(4).toString('hex')}`
}

export const formatDatasetFileName = (number: number, runId: string, format: string): string =>
  `part-${String(number).padStart(5, '0')}-${runId}.${format}`

/** Returns true if the last part of the path is such a name; a further extension such as `.gz` may follow. */
export const hasDatasetFileName = (path: string): boolean =>
  /(?:^|\/)part-\d{5,}-\d{8}t\d{6}z-[\da-f]{8}\.[a-z.]+$/.test(path)
