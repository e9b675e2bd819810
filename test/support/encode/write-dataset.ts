// Writes records into a dataset.
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { toDataset, type DatasetOptions, type DatasetWarning } from '../../../lib/index.js'
import { createInstance } from '../loads/instances.js'

/** Returns instances that start in January, February and March 2026 in turns. */
export const createDatedInstances = (count: number) =>
  Array.from({ length: count }, (_, index) =>
    createInstance(`id-${index}`, { startDate: `2026-0${1 + (index % 3)}-15T10:00:00.000+0000` }),
  )

/** Writes a dataset. Resolves when the stream is closed, with the error if it failed. */
export async function writeDataset(
  options: DatasetOptions,
  records: Iterable<unknown>,
): Promise<{ error: unknown; warnings: DatasetWarning[] }> {
  const dataset = toDataset(options)
  const warnings: DatasetWarning[] = []
  dataset.on('warning', (warning) => warnings.push(warning))
  const closed = new Promise((resolve) => dataset.once('close', resolve))
  const error: unknown = await pipeline(Readable.from(records), dataset).then(
    () => undefined,
    (reason: unknown) => reason,
  )
  await closed
  return { error, warnings }
}
