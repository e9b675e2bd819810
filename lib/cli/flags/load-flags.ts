import {
  columnPairsKind,
  nameListKind,
  millisecondsKind,
  numberKind,
  oneOf,
  switchKind,
  textKind,
  trimmedKind,
  type Flag,
  type FlagGroup,
} from './flags.js'
import { loadModes } from '../../load/load-modes.js'
import { eventFieldsFlag, inferredColumnFlags, listTypes } from './column-flags.js'

export const tableFlags: FlagGroup = {
  title: 'Target:',
  flags: [
    {
      name: 'into',
      placeholder: '<database>',
      kind: trimmedKind,
      description:
        'duckdb:FILE, or postgresql://USER@HOST/DATABASE with the password in PGPASSWORD or ~/.pgpass; default duckdb:optimize.duckdb (OPTIMIZE_INTO)',
    },
    {
      name: 'table',
      placeholder: '<name>',
      kind: textKind,
      description: 'the table, or schema.table; created if missing',
    },
  ],
}

export const modeFlag: Flag = {
  name: 'mode',
  ...oneOf(...loadModes),
  description: 'replace all rows (default), insert or update rows by id, or add rows',
}

/** How rows are written, and what makes a load fail: options of loadReport() with a flag of the same name. */
export const loadFlags: FlagGroup = {
  title: 'Load:',
  topic: 'load-modes',
  flags: [
    modeFlag,
    {
      name: 'deleteMissing',
      ...oneOf('hard', 'soft'),
      description:
        'for merge: delete the rows that the report no longer has, or set their _optimize_deleted_at; default: keep them',
    },
    {
      name: 'schemaChanges',
      ...oneOf('evolve', 'freeze'),
      description: 'if columns or their types change: add columns and widen types, or fail; default evolve',
    },
    {
      name: 'maxLostShare',
      placeholder: '<share>',
      kind: numberKind,
      description:
        'fail if more than this share of the rows is missing, compared with the last complete load; 1 turns the check off; default 0.5 for replace and --delete-missing, else none',
    },
    {
      name: 'dryRun',
      kind: switchKind,
      description: 'run the load, report the changes, and roll back',
    },
    {
      name: 'wait',
      placeholder: '<time>',
      kind: millisecondsKind,
      description: 'how long to wait for a database or a table that another process has locked, such as 60s; default 0',
    },
    {
      name: 'keepFiles',
      placeholder: '<folder>',
      kind: textKind,
      description: 'keep the files of the load, with their receipts',
    },
  ],
}

export const incrementalFlags: FlagGroup = {
  title: 'Incremental (merge only):',
  topic: 'incremental',
  flags: [
    {
      name: 'since',
      placeholder: '<last|date>',
      words: ['last'],
      kind: trimmedKind,
      description:
        'read only as far back as the last load, or this date. Such a load sees no deletions. Sorted by endDate it sees no running instances; sorted by startDate, no ends of instances that started earlier',
    },
    {
      name: 'sortedBy',
      ...oneOf('startDate', 'endDate'),
      description: 'the date by which Optimize sorts the report, the newest first',
    },
    {
      name: 'lookback',
      placeholder: '<time>',
      kind: millisecondsKind,
      description: 'read this time further back than --since, such as 7d; default 0',
    },
  ],
}

export const tableColumnFlags: FlagGroup = {
  title: 'Columns:',
  topic: 'columns',
  alsoInTopic: 'types',
  flags: [
    {
      name: 'columns',
      placeholder: '<column...>',
      kind: nameListKind,
      description: 'only these columns, created even if no record has them',
    },
    {
      name: 'types',
      placeholder: '<column=type...>',
      kind: columnPairsKind,
      description: `types are ${listTypes('decimal(p,s)')}; for example variable:amount=double`,
    },
    ...inferredColumnFlags,
    {
      name: 'variables',
      ...oneOf('columns', 'json'),
      description: 'one column per variable, or one column of JSON; default columns',
    },
  ],
}

export const eventTableFlags: FlagGroup = {
  title: 'Event log:',
  topic: 'events',
  flags: [
    {
      name: 'events',
      placeholder: '<table>',
      kind: textKind,
      description: 'a second table in the same transaction: one row per flow-node instance',
    },
    eventFieldsFlag,
  ],
}

export const postgresFlags: readonly Flag[] = [
  {
    name: 'lockTimeout',
    placeholder: '<time>',
    kind: millisecondsKind,
    description: 'PostgreSQL: the longest time to wait for a lock; default 30s',
  },
  {
    name: 'statementTimeout',
    placeholder: '<time>',
    kind: millisecondsKind,
    description: 'PostgreSQL: the longest time for one statement; default no limit',
  },
  {
    name: 'unlogged',
    kind: switchKind,
    description: 'PostgreSQL: stage in an unlogged table instead of a temporary one',
  },
  {
    name: 'invalidText',
    ...oneOf('error', 'replace'),
    description: 'PostgreSQL: what to do with text that has U+0000 or half a surrogate pair; default error',
  },
]

export const duckdbFlags: readonly Flag[] = [
  {
    name: 'memoryLimit',
    placeholder: '<size>',
    kind: trimmedKind,
    description: 'DuckDB: memory limit with a unit, such as 400MB; default 80% of the memory',
  },
  {
    name: 'threads',
    placeholder: '<count>',
    kind: numberKind,
    description: 'DuckDB: number of threads; default one per core',
  },
]

/** The options of the destinations: those of all databases, then those of each. */
export const databaseFlags: FlagGroup = {
  title: 'Database:',
  topic: 'databases',
  flags: [
    {
      name: 'schema',
      placeholder: '<name>',
      kind: textKind,
      description: 'the schema (namespace in the database) of tables whose names have none',
    },
    ...postgresFlags,
    ...duckdbFlags,
  ],
}
