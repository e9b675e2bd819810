// The contract between datasets and the places in which their folders are: the local disk, or an object store.
import type { ByteSink } from './byte-sink.js'

/**
 * @internal A file of a dataset. Readers do not see it before {@link moveIntoPlace}. When the folder is closed, nothing is left of a file
 * that was not moved.
 */
export interface DatasetFile extends ByteSink {
  /** The path below the folder, with `/`. */
  readonly path: string
  /** Makes the finished file visible. */
  moveIntoPlace(): Promise<void>
}

/** @internal A folder that one writer has opened. All names are paths below it, with `/`. */
export interface DatasetFolder {
  /** Returns the text of a file, or `undefined` if there is none. */
  readText(name: string): Promise<string | undefined>
  /** Replaces a file in one step. In an object store, rejects if another writer has replaced the file since {@link readText}. */
  writeText(name: string, text: string): Promise<void>
  createFile(name: string): Promise<DatasetFile>
  /** Returns the names directly in the folder that begin with `prefix`. No other writer uses them, because this writer holds the folder. */
  listAbandoned(prefix: string): Promise<string[]>
  /** Rejects if another writer took over the folder while this process was suspended. */
  checkOwner(): Promise<void>
  /** Resolves when the names of these files are on the disk. */
  sync(names: readonly string[]): Promise<void>
  /** Removes files, and the folders that are empty afterwards. A file that does not exist is no error. */
  remove(names: readonly string[]): Promise<void>
  /** Discards what is not in place, and lets other writers open the folder. */
  close(): Promise<void>
}
