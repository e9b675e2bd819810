// A package: the rows of one load in a finished file on the local disk, and its receipt. A database loads only a package that is
// complete, so that no transaction waits for Optimize.
import { Readable, type Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { atomicFiles } from '../files/atomic-file.js'
import type { Encoder, EncoderWarning } from '../encode/encoder.js'
import type { ColumnSchema } from '../schema/column-schema.js'
import type { ExportRecord } from '../shared/types.js'
import type { RowTransform } from '../transforms/transforms.js'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** One file of a package. */
export interface PackageFile {
  readonly path: string
  readonly rows: number
  readonly bytes: number
  readonly sha256: string
  readonly schema: readonly ColumnSchema[]
}

/** A file of a package before its extraction. */
export interface PackageTarget {
  readonly name: string
  readonly encoder: Encoder
  /** Converts records to the rows of this file; undefined for the records themselves. */
  readonly toRows: RowTransform | undefined
  /** Returns the content of the receipt. */
  readonly createReceipt: () => Record<string, unknown>
}

/** The records of a package: an export, or another iterable of records. */
export type PackageSource = Readable | AsyncIterable<ExportRecord>

/**
 * Writes all files of a package with one search. Resolves when all of them are on the disk with their receipts; otherwise none is
 * there.
 */
export async function writePackage(
  source: PackageSource,
  folder: string,
  targets: readonly PackageTarget[],
  warn: (warning: EncoderWarning) => void,
): Promise<PackageFile[]> {
  const files = atomicFiles(
    targets.map(({ name, createReceipt }) => ({ path: join(folder, name), receipt: createReceipt })),
  )
  const records = source instanceof Readable ? source : Readable.from(source)
  const branches = targets.map(({ encoder, toRows }, index) => {
    encoder.on('warning', warn)
    toRows?.on('warning', warn)
    return toRows ? pipeline(records, toRows, encoder, files[index]!) : pipeline(records, encoder, files[index]!)
  })
  const results = await Promise.allSettled(branches)
  await Promise.all(files.map(waitForClose))
  const failures = results.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : []))
  if (failures.length > 0) throw findFirstCause(failures)
  return Promise.all(targets.map(({ name, encoder }) => readPackageFile(join(folder, name), encoder)))
}

async function waitForClose(file: Writable): Promise<void> {
  if (!file.closed) await new Promise((resolve) => file.once('close', resolve))
}

/** Returns the failure that caused the others, because each branch fails when the source or the other file fails. */
function findFirstCause(failures: readonly unknown[]): unknown {
  return failures.find((failure) => !(failure instanceof Error && failures.includes(failure.cause)))
}

async function readPackageFile(path: string, { stats }: Encoder): Promise<PackageFile> {
  const { bytes, sha256 } = JSON.parse(await readFile(`${path}.json`, 'utf8')) as { bytes: number; sha256: string }
  return { path, rows: stats.rows, bytes, sha256, schema: stats.schema! }
}
