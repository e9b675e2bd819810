// The options of one file: as the user gives them, and as a store gets them.
import * as rule from '../shared/options.js'
import type { FileStore } from './file-store.js'
import type { ReceiptContent } from './receipt.js'

/** Options of {@link atomicFile}. */
export interface AtomicFileOptions {
  /**
   * Returns the content of a receipt, to which `bytes`, `sha256` and `finishedAt` are added. Called when all bytes are written; in
   * `atomicFiles`, when the bytes of all files are. An older receipt is removed before the file is moved into place. @default no receipt
   */
  receipt?: (() => ReceiptContent) | undefined
  /**
   * `'beside'`: the receipt is `<path>.json`. `'folder'`: it is `_receipts/<name>.json` in the folder of the file, so that
   * programs that read every file in the folder find only data. @default 'beside'
   */
  receiptPlace?: 'beside' | 'folder' | undefined
  /** Called when the receipt is in place. @default none */
  onReceipt?: ((receipt: WrittenReceipt) => void) | undefined
  /** The place of the file: `s3()` for `s3://bucket/key`. @default the local disk */
  store?: FileStore | undefined
}

/** A receipt that is in place. */
export interface WrittenReceipt {
  /** The path of the receipt. */
  readonly path: string
  /** The content, with `bytes`, `sha256` and `finishedAt`. */
  readonly content: ReceiptContent
}

/** @internal The options of one file. A store must apply each of them, or throw an error for it. */
export type FileOptions = rule.Resolved<Omit<AtomicFileOptions, 'store'>, 'receipt' | 'onReceipt'>

/** @internal */
export const fileRules: rule.Rules<FileOptions> = {
  receipt: rule.optional(rule.callable<() => ReceiptContent>('a function')),
  receiptPlace: rule.withDefault(rule.oneOf('beside', 'folder'), 'beside'),
  onReceipt: rule.optional(rule.callable<(receipt: WrittenReceipt) => void>('a function')),
}

/** @internal The options of a file for which the user gave none. */
export const defaultFileOptions = rule.resolveOptions<FileOptions>('', {}, fileRules)
