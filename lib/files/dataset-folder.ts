// The contract between datasets and the places in which their folders are: the local disk, or an object store.
import type { ByteSink } from './byte-sink.js'

/**
 * @internal A file of a dataset. Readers do not see the file before {@link moveIntoPlace}.
 */
export interface DatasetFile extends ByteSink {
  /** The path below the folder, with `/`. */
  readonly path: string
  moveIntoPlace(): Promise<void>
}

/** @internal An open folder. On the disk, one writer at a time has it open. All names are paths below it, with `/`. */
export interface DatasetFolder {
  readText(name: string): Promise<string | undefined>
  /** Replaces a file in one step. In an object store, rejects if another writer has replaced the file since {@link readText}. */
  writeText(name: string, text: string): Promise<void>
  createFile(name: string): Promise<DatasetFile>
  /**
   * Returns the names directly in the folder that begin with `prefix` and that no running writer uses. On the disk no other
   * writer runs, because the folder is locked; in an object store, only objects that are more than an hour old are returned.
   */
  listAbandoned(prefix: string): Promise<string[]>
  /** On the disk, rejects if the lock of the folder is gone, or if another writer took it over while this process was suspended. */
  checkOwner(): Promise<void>
  /** On the disk, resolves when the names of these files are forced to the disk. */
  sync(names: readonly string[]): Promise<void>
  /** Removes files, and the folders that are empty afterwards. A file that does not exist is not an error. */
  remove(names: readonly string[]): Promise<void>
  /** Discards the files that are not in place. */
  close(): Promise<void>
}
