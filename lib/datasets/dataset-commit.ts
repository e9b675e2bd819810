// Replaces one version of a dataset by the next. At every moment the manifest lists only complete files, because the steps have this order:
// write a journal of the changes, move the new files into place, replace the manifest, remove the files that the manifest no longer lists.
import type { DatasetFile, DatasetFolder } from '../files/dataset-folder.js'
import {
  getJournalName,
  JOURNAL_PREFIX,
  listJournalFiles,
  parseManifest,
  type EarlierManifest,
  type RunJournal,
} from './dataset-manifest.js'
import { formatJsonFile } from '../files/receipt.js'
import { mapConcurrently } from '../shared/map-concurrently.js'
import { MANIFEST_NAME } from '../shared/manifest-name.js'

/** Files that are moved at the same time; in a bucket each move is a request. */
const MAX_CONCURRENT_MOVES = 8

export type WarnOfStrays = (message: string) => void

export interface NextVersion {
  readonly runId: string
  readonly manifest: string
  readonly files: readonly DatasetFile[]
  /** The paths of the files of the earlier version that the next version does not have. */
  readonly removes: readonly string[]
}

/**
 * Makes the next version visible. After a rejection the earlier manifest is in place and the new files are removed. But if the manifest
 * could not be read back, either manifest may be in place, so the new files stay, and the next run removes the files that are not listed.
 */
export async function commitDataset(folder: DatasetFolder, next: NextVersion, warn: WarnOfStrays): Promise<void> {
  const { runId, manifest, files, removes } = next
  const adds = files.map(({ path }) => path)
  const journal = getJournalName(runId)
  await folder.checkOwner()
  await folder.writeText(journal, formatJsonFile({ adds, removes } satisfies RunJournal))
  try {
    await mapConcurrently(files, MAX_CONCURRENT_MOVES, (file) => file.moveIntoPlace())
    await folder.sync(adds)
    await folder.writeText(MANIFEST_NAME, manifest)
  } catch (error) {
    const current = await readRunId(folder)
    if (current !== runId) {
      if (current !== 'unknown') await removeAll(folder, adds, journal, warn)
      throw error
    }
  }
  await removeAll(folder, removes, journal, warn)
}

/** Returns the id of the run that wrote the manifest, `undefined` if there is no manifest, or `'unknown'` if it cannot be read. */
async function readRunId(folder: DatasetFolder): Promise<string | undefined> {
  return readManifest(folder).then(
    (manifest) => manifest?.run.id,
    () => 'unknown',
  )
}

export async function readManifest(folder: DatasetFolder): Promise<EarlierManifest | undefined> {
  const text = await folder.readText(MANIFEST_NAME)
  return text === undefined ? undefined : parseManifest(text)
}

/** Removes the files of killed runs, which their journals list and the manifest does not list. Then removes the journals. */
export async function removeStrays(
  folder: DatasetFolder,
  manifest: EarlierManifest | undefined,
  warn: WarnOfStrays,
): Promise<void> {
  const kept = new Set(manifest?.files.map(({ path }) => path))
  for (const journal of await folder.listAbandoned(JOURNAL_PREFIX)) {
    const files = listJournalFiles(await folder.readText(journal))
    const strays = files.filter((path) => !kept.has(path))
    await removeAll(folder, strays, journal, warn)
  }
}

async function removeAll(
  folder: DatasetFolder,
  files: readonly string[],
  journal: string,
  warn: WarnOfStrays,
): Promise<void> {
  try {
    await folder.remove(files)
    await folder.remove([journal])
  } catch (error) {
    const reason = (error as Error).message
    warn(`could not remove all files that the dataset does not use; the next run tries again: ${reason}`)
  }
}
