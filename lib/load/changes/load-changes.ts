import { describeCount } from '../../shared/describe-value.js'
import {
  describeColumnType,
  type NamedColumn,
  type RecordedColumn,
  type RecordedSchema,
} from '../history/recorded-schema.js'

/** A difference from the last complete load of a table or between two exports to a file, or a type or a name that the load changes. */
export interface LoadChange {
  /**
   * `'column-appeared'` and `'column-vanished'`: the report has a new column, or lost one. `'type-changed'`: the values of a
   * column have another type, or the load gives the column of the table another type. `'column-emptied'`: a column that had values
   * has none. `'definition-appeared'` and `'definition-vanished'`: the report has instances of a new definition or version, or no
   * longer has any instance of one. `'name-shortened'`: the name of a new column was too long for the database. `'kind-changed'`: the
   * report has another kind. `'fewer-rows'`: the report has fewer records.
   */
  readonly kind:
    | 'column-appeared'
    | 'column-vanished'
    | 'type-changed'
    | 'column-emptied'
    | 'definition-appeared'
    | 'definition-vanished'
    | 'name-shortened'
    | 'kind-changed'
    | 'fewer-rows'
  /** The column by its prefixed name, the id of the definition, the kind, or the number of records. */
  readonly subject: string
  /** The difference in words. */
  readonly message: string
}

/** The messages that are different for tables and for files. */
export interface ChangeWording {
  readonly describeVanished: (column: RecordedColumn) => string
  readonly describeAppeared: (column: RecordedColumn) => string
}

const tableWording: ChangeWording = {
  describeVanished: ({ source, name }) =>
    `the report no longer has the column ${source}; ${name} stays, and is null in the rows of this load`,
  describeAppeared: ({ source, name, type }) =>
    `the report has a new column ${source}; it is ${name}, ${describeColumnType(type)}`,
}

/** Returns the changes of the kind, of the columns and of the definitions, in this order. */
export function compareSchemas(
  last: RecordedSchema,
  now: RecordedSchema,
  wording: ChangeWording = tableWording,
): LoadChange[] {
  const definitions = last.definitions && now.definitions ? compareDefinitions(last.definitions, now.definitions) : []
  return [
    ...(last.kind === now.kind ? [] : [describeKindChange(last.kind, now.kind)]),
    ...compareColumns(last.columns, now.columns, wording),
    ...(last.events && now.events ? compareColumns(last.events.columns, now.events.columns, wording) : []),
    ...definitions,
  ]
}

/** Returns a change if the report has fewer records. Totals are compared, because a load with `since` reads only some records. */
export const compareTotals = (before: number, now: number): LoadChange[] =>
  now >= before
    ? []
    : [
        {
          kind: 'fewer-rows',
          subject: String(now),
          message: `the report has ${describeCount(now, 'record')}, and had ${before} in the last complete load`,
        },
      ]

const describeKindChange = (last: string, now: string): LoadChange => ({
  kind: 'kind-changed',
  subject: now,
  message: `the report was of the kind ${last} and is now of the kind ${now}`,
})

function compareColumns(
  last: readonly RecordedColumn[],
  now: readonly RecordedColumn[],
  { describeVanished, describeAppeared }: ChangeWording,
): LoadChange[] {
  const lastBySource = new Map(last.filter(({ hasVanished }) => !hasVanished).map((column) => [column.source, column]))
  const changes: LoadChange[] = []
  for (const column of now) {
    const before = lastBySource.get(column.source)
    if (column.hasVanished) {
      if (before) changes.push(createChange('column-vanished', column, describeVanished(column)))
      continue
    }
    if (!before) {
      changes.push(createChange('column-appeared', column, describeAppeared(column)))
      continue
    }
    if (describeColumnType(before.type) !== describeColumnType(column.type))
      changes.push(createTypeChange(column, before.type))
    if (before.filledRows > 0 && column.filledRows === 0)
      changes.push(
        createChange(
          'column-emptied',
          column,
          `the column ${column.source} had ${describeCount(before.filledRows, 'value')} and has none now`,
        ),
      )
  }
  return changes
}

/** @param from the type that the column had before */
export const createTypeChange = ({ source, type }: NamedColumn, from: NamedColumn['type']): LoadChange => ({
  kind: 'type-changed',
  subject: source,
  message: `the column ${source} was ${describeColumnType(from)} and is now ${describeColumnType(type)}`,
})

const createChange = (kind: LoadChange['kind'], { source }: RecordedColumn, message: string): LoadChange => ({
  kind,
  subject: source,
  message,
})

function compareDefinitions(last: readonly string[], now: readonly string[]): LoadChange[] {
  const [lastIds, ids] = [new Set(last), new Set(now)]
  return [
    ...now
      .filter((id) => !lastIds.has(id))
      .map((subject): LoadChange => ({
        kind: 'definition-appeared',
        subject,
        message: `instances of ${subject} appeared`,
      })),
    ...last
      .filter((id) => !ids.has(id))
      .map((subject): LoadChange => ({
        kind: 'definition-vanished',
        subject,
        message: `instances of ${subject} vanished`,
      })),
  ]
}
