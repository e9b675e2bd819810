import { resolve } from 'node:path'
import { findRealPath } from '../../files/claimed-paths.js'
import type { Destination } from '../../index.js'
import { duckdb } from '../../destinations/duckdb/index.js'
import { postgres } from '../../destinations/postgres/index.js'
import { databaseFlags, duckdbFlags, postgresFlags } from '../flags/load-flags.js'
import type { Flag } from '../flags/flags.js'
import type { Settings } from '../settings.js'
import { UsageError } from '../errors/usage-error.js'

interface Database {
  readonly pattern: RegExp
  readonly name: string
  /** The flags that no other database has. */
  readonly flags: readonly Flag[]
  readonly create: (into: string, options: object) => Destination
  /**
   * Returns the database of a label, equal for two names of one database, and the schema of tables that are named without one: '' if only
   * the database knows it.
   */
  readonly findDatabaseAndSchema: (label: string) => readonly [database: string, schema: string]
}

const removeDuckdbPrefix = (address: string) => address.replace(/^duckdb:/, '')

const databases: readonly Database[] = [
  {
    pattern: /^duckdb:/,
    name: 'DuckDB',
    flags: duckdbFlags,
    create: (into, options) => duckdb(removeDuckdbPrefix(into), options),
    findDatabaseAndSchema: (label) => [findRealPath(resolve(removeDuckdbPrefix(label))), 'main'],
  },
  {
    pattern: /^postgres(ql)?:\/\//,
    name: 'PostgreSQL',
    flags: postgresFlags,
    create: (into, options) => postgres(into, options),
    findDatabaseAndSchema: (label) => [label, ''],
  },
]

/** Returns the database of an address, or of the label of a destination. */
export const findDatabase = (address: string) => databases.find(({ pattern }) => pattern.test(address))

const DEFAULT_INTO = 'duckdb:optimize.duckdb'

/** Removes the password of `postgresql://user:password@host` and `postgresql://host?password=…`. */
export const removePassword = (address: string): string =>
  address.replace(/^(\w+:\/\/[^/@:]*):[^/]*@/, '$1@').replace(/^(\w+:\/\/[^?]*\?(?:.*&)?password=)[^&]*/, '$1')

/** Creates the destination of the settings. A password in the flag is refused, because other users of the machine can see it. */
export function createDestination(settings: Settings): Destination {
  const into = settings.text('into') ?? DEFAULT_INTO
  const database = findDatabase(into)
  if (!database) throw settings.createError('into', 'expected duckdb:FILE or postgresql://USER@HOST/DATABASE')
  const isGivenAsFlag = settings.levels.some(({ from, values }) => from === 'flags' && values['into'] !== undefined)
  if (isGivenAsFlag && removePassword(into) !== into)
    throw new UsageError(
      '--into: other users of the machine can see a password there; use PGPASSWORD, ~/.pgpass or OPTIMIZE_INTO',
    )
  const otherFlags = databases.filter((other) => other !== database).flatMap(({ flags }) => flags)
  const otherFlag = otherFlags.find(({ name }) => settings.get(name) !== undefined)
  if (otherFlag) throw settings.createError(otherFlag.name, `is not for ${database.name}`, 'not applicable')
  return database.create(into, settings.options(databaseFlags))
}
