// The contract between the streams that write files and the stores of files: the local disk, or an object store.
import type { Rule } from '../shared/options.js'
import type { ByteSink } from './byte-sink.js'
import type { DatasetFolder } from './dataset-folder.js'
import type { FileOptions } from './file-options.js'

/** A place for files. Without a store, files are on the local disk; `s3()` creates a store for the buckets of S3. */
export interface FileStore {
  /** The kind of the store, for messages. */
  readonly label: string
  /** @internal Completes the sentence "expected …" for a path of this store. */
  readonly expectedPath: string
  /** @internal Returns the full form of a path, or `undefined` if it is not a path of this store. */
  readonly parsePath: (path: unknown) => string | undefined
  /** @internal Rejects if it is clear before the export that nothing can be written to this path. */
  readonly check: (path: string) => Promise<void>
  /**
   * @internal Opens a file for writing. The bytes of a {@link StagedOutput} appear at the path when its group commits it; any other sink
   * passes them on at once.
   */
  readonly open: (path: string, options: FileOptions, signal: AbortSignal) => Promise<ByteSink | StagedOutput>
  /** @internal Opens the folder in which the manifest of a dataset is or will be, for one writer. */
  readonly openFolder: (manifestPath: string, signal: AbortSignal) => Promise<DatasetFolder>
  /** @internal Returns the error of a failed step: `create`, `write` or `finish`. */
  readonly toError: (where: string, step: string, path: string, cause: unknown) => Error
}

/** A store of objects in a bucket. The command reads objects with these methods. */
export interface ObjectStore extends FileStore {
  /** @internal Returns the size of an object in bytes, or `undefined` if there is none, or if it cannot be read. */
  readonly getSize: (path: string) => Promise<number | undefined>
  /** @internal Returns the text of an object, or `undefined` if there is none. */
  readonly readText: (path: string) => Promise<string | undefined>
}

/** @internal A step of a commit that may be undone when a later step fails. */
export interface CommitStep {
  readonly targetPath: string
  /** The state of the file if {@link undo} fails, as the end of a message. */
  readonly failedUndoNote: string
  undo(): Promise<void>
}

/**
 * @internal A new version of a file or an object. Its group calls the methods from `prepare` to `moveReceiptIntoPlace` in this order,
 * and `sync` between them. Readers see the earlier version until {@link moveIntoPlace}.
 */
export interface StagedOutput extends ByteSink {
  /** Prepares the receipt. On the disk, rejects if the part folder is gone or belongs to another export. */
  prepare(): Promise<void>
  /** Removes the receipts of the earlier version, so that they are never beside the new version. */
  removeEarlierReceipts(steps: CommitStep[]): Promise<void>
  moveIntoPlace(steps: CommitStep[]): Promise<void>
  /** Resolves to false if the file has no receipt. */
  moveReceiptIntoPlace(): Promise<boolean>
  /** On the disk, forces the names that were changed so far to the disk. */
  sync(): Promise<void>
  /**
   * Discards the new version after a failed commit. On the disk, the part folder stays if its backup is needed: if `notRestored` has a step
   * of this file.
   */
  discardAfterUndo(notRestored: readonly CommitStep[]): void | Promise<void>
}

/** @internal */
export const isStaged = (sink: ByteSink): sink is StagedOutput => 'moveIntoPlace' in sink

/** @internal */
export const storeRule: Rule<FileStore> = {
  expected: 'a store, such as s3()',
  parse: (value) =>
    typeof value === 'object' && value !== null && 'parsePath' in value ? (value as FileStore) : undefined,
}
