// Finds jobs that would write to the same place, also if their settings name the place in different ways.
import { findRealPath, listClaimedPaths } from '../../../files/claimed-paths.js'
import { formatTableName, parseTableName, type TableName } from '../../../load/table-name.js'
import { listPaths, type ReportTargets } from '../../export/report-targets.js'
import { createDestination, findDatabase } from '../../load/databases.js'
import type { Settings } from '../../settings.js'

/** A file, a dataset or a table that a job writes. */
export interface Claim {
  /** As messages show it: the path, or a table with its database, such as `duckdb:warehouse.duckdb main.orders`. */
  readonly label: string
  /** Equal for two names of one file or table. That of a dataset ends with `/`. */
  readonly identity: string
}

export interface JobTargets {
  /** The files, datasets or tables, as messages show them. */
  readonly labels: readonly string[]
  /** The same, and the receipts of files. */
  readonly claims: readonly Claim[]
}

/** Returns the files or datasets of an export. */
export function findFileTargets(reportTargets: ReportTargets): JobTargets {
  const { records, events } = reportTargets
  const claims = [records, events].flatMap((target) => {
    if (target?.path === undefined) return []
    const { path, isDataset, receiptPlace } = target
    if (isDataset) return [{ label: path, identity: findRealPath(path).replace(/\/?$/, '/') }]
    const realPaths = listClaimedPaths(findRealPath(path), receiptPlace)
    return listClaimedPaths(path, receiptPlace).map((label, index) => ({ label, identity: realPaths[index]! }))
  })
  return { labels: listPaths(reportTargets), claims }
}

/** Returns the tables of a load. */
export function findTableTargets(settings: Settings): JobTargets {
  const { label, schema, dialect } = createDestination(settings)
  const [database, defaultSchema] = findDatabase(label)!.findDatabaseAndSchema(label)
  let table: TableName = { name: '', schema: schema ?? defaultSchema }
  const claims = ['table', 'events'].flatMap((name) => {
    const given = settings.text(name)
    if (given === undefined) return []
    // without a schema of its own, the event table is in the schema of the record table
    table = { ...table, ...parseTableName(given) }
    const fullName = given.includes('.') || schema === undefined ? given : `${schema}.${given}`
    return [
      {
        label: `${label} ${dialect.foldName(fullName)}`,
        identity: `${database} ${dialect.foldName(formatTableName(table))}`,
      },
    ]
  })
  return { labels: claims.map((claim) => claim.label), claims }
}

interface JobClaim<Job> extends Claim {
  readonly job: Job
}

/** The claims of all jobs. */
export class TargetClaims<Job> {
  readonly #claims: JobClaim<Job>[] = []

  /** Returns one claim of each earlier job that claimed the same file or table, a dataset around it, or a file in a claimed dataset. */
  findConflicts(claims: readonly Claim[]): readonly JobClaim<Job>[] {
    const isInConflict = (other: Claim) =>
      claims.some(
        ({ identity }) => isSameOrInside(identity, other.identity) || isSameOrInside(other.identity, identity),
      )
    const conflicts = this.#claims.filter(isInConflict)
    return conflicts.filter(({ job }, index) => conflicts.findIndex((other) => other.job === job) === index)
  }

  add(claims: readonly Claim[], job: Job): void {
    this.#claims.push(...claims.map((claim) => ({ ...claim, job })))
  }
}

const isSameOrInside = (identity: string, other: string) =>
  identity === other || (other.endsWith('/') && identity.startsWith(other))
