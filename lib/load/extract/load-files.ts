// The load files: the rows of one load on the local disk, with their receipts. A database reads only files that are complete, so that no
// transaction waits for Optimize.
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { atomicFiles } from '../../files/atomic-file.js'
import { pickFileFacts } from '../../files/file-facts.js'
import type { WrittenReceipt } from '../../files/file-options.js'
import type { Encoder, EncoderWarning } from '../../encode/encoder.js'
import { waitForBranches } from '../../shared/streams/branches.js'
import type { ExportRecord } from '../../shared/types.js'
import type { RowTransform } from '../../transforms/transforms.js'
import type { LoadFile } from '../load-input.js'

export interface LoadFileSpec {
  readonly name: string
  readonly encoder: Encoder
  /** Makes the rows of this file from the records; undefined if the rows are the records. */
  readonly transform: RowTransform | undefined
  readonly createReceiptContent: () => Record<string, unknown>
}

export type LoadRecords = Readable | AsyncIterable<ExportRecord>

/**
 * Writes all load files while the records are read once. Resolves when all files are on the disk with their receipts. If it rejects, no
 * file is left.
 */
export async function writeLoadFiles(
  source: LoadRecords,
  folder: string,
  specs: readonly LoadFileSpec[],
  warn: (warning: EncoderWarning) => void,
): Promise<LoadFile[]> {
  const loadFiles: LoadFile[] = []
  const files = atomicFiles(
    specs.map(({ name, encoder: { stats }, createReceiptContent }, index) => {
      const path = join(folder, name)
      const onReceipt = ({ content }: WrittenReceipt) => {
        loadFiles[index] = { path, rows: stats.rows, ...pickFileFacts(content)!, schema: stats.schema! }
      }
      return { path, receipt: createReceiptContent, onReceipt }
    }),
  )
  const records = source instanceof Readable ? source : Readable.from(source)
  const branches = specs.map(({ encoder, transform }, index) => {
    encoder.on('warning', warn)
    transform?.on('warning', warn)
    return transform ? pipeline(records, transform, encoder, files[index]!) : pipeline(records, encoder, files[index]!)
  })
  await waitForBranches(branches, files)
  return loadFiles
}
