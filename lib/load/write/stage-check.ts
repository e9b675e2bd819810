// Checks a stage before anything is written: it has as many rows as its file. A stage of records has no id twice.
import { ExportError } from '../../shared/errors.js'
import { MAX_DEFINITIONS } from '../../shared/reports/definitions.js'
import { listModes } from '../load-modes.js'
import type { LoadFile } from '../load-input.js'
import type { Session } from '../load-destination.js'

/**
 * Returns for each column of a stage the number of rows whose value is not null and not `''`. Rejects with `ERR_DESTINATION` if the stage
 * has more or fewer rows than its file.
 */
export async function countFilledRows(
  session: Session,
  stage: string,
  { schema, rows }: LoadFile,
): Promise<readonly number[]> {
  const counts = schema.map(({ type }, index) =>
    type === 'string' ? `count(NULLIF(c${index}, '')) AS f${index}` : `count(c${index}) AS f${index}`,
  )
  const [row] = await session.query(`SELECT ${['count(*) AS n', ...counts].join(', ')} FROM ${stage} AS s`)
  const staged = Number(row!['n'])
  if (staged !== rows)
    throw new ExportError('ERR_DESTINATION', `the stage: expected the ${rows} rows of the file, got ${staged}`)
  return schema.map((_, index) => Number(row![`f${index}`]))
}

/** Rejects with `ERR_DESTINATION` if two rows have the same id, or if a row has no id and `isKey` is true. */
export async function checkIds(
  session: Session,
  stage: string,
  {
    column,
    name,
    rows,
    isKey,
  }: { readonly column: string; readonly name: string; readonly rows: number; readonly isKey: boolean },
): Promise<void> {
  const [row] = await session.query(
    `SELECT count(*) AS ids, CAST(sum(n) AS bigint) AS n FROM
      (SELECT ${column}, count(*) AS n FROM ${stage} AS s WHERE ${column} IS NOT NULL GROUP BY ${column}) AS g`,
  )
  const [ids, withId] = [Number(row!['ids']), Number(row!['n'] ?? 0)]
  if (ids !== withId)
    throw new ExportError(
      'ERR_DESTINATION',
      `the stage: expected ${withId} different values of ${name}, got ${ids}, so some occur more than once`,
    )
  if (isKey && withId !== rows)
    throw new ExportError(
      'ERR_DESTINATION',
      `the stage: expected a ${name} in every row, got ${rows - withId} rows without one; use mode ${listModes(false)}`,
    )
}

/** Returns the distinct ids of definitions in a column, sorted, or undefined if there are too many to compare. */
export async function listDefinitions(session: Session, stage: string, column: string): Promise<string[] | undefined> {
  const rows = await session.query(
    `SELECT DISTINCT ${column} AS id FROM ${stage} AS s WHERE ${column} IS NOT NULL ORDER BY 1 LIMIT ${MAX_DEFINITIONS + 1}`,
  )
  return rows.length > MAX_DEFINITIONS ? undefined : rows.map(({ id }) => String(id))
}
