import { describeType } from '../shared/describe-value.js'
import { FileFactsCounter } from './file-facts.js'
import type { FileOptions } from './file-options.js'
import { formatJsonFile, getReceiptPath, type ReceiptContent } from './receipt.js'

/** The receipt of a file that is being written. A store writes the text of the receipt, and moves the receipt into place. */
export class ReceiptDraft {
  readonly path: string
  /** The path in the other place, in which an earlier export may have left its receipt. */
  readonly otherPath: string
  readonly #createContent: () => ReceiptContent
  readonly #onReceipt: FileOptions['onReceipt']
  readonly #facts = new FileFactsCounter()
  #content: ReceiptContent = {}

  /** @param paths see {@link getReceiptPath} */
  constructor(
    createContent: () => ReceiptContent,
    filePath: string,
    { receiptPlace, onReceipt }: FileOptions,
    paths?: Parameters<typeof getReceiptPath>[2],
  ) {
    this.path = getReceiptPath(filePath, receiptPlace, paths)
    this.otherPath = getReceiptPath(filePath, receiptPlace === 'beside' ? 'folder' : 'beside', paths)
    this.#createContent = createContent
    this.#onReceipt = onReceipt
  }

  addBytes(bytes: Buffer): void {
    this.#facts.add(bytes)
  }

  /**
   * Adds the facts of the file to what the option `receipt` returns. Called once, when all bytes are added. Throws if the option did not
   * return an object, but for example the promise of one.
   */
  complete(): void {
    const content = this.#createContent()
    const type = describeType(content)
    if (type !== 'an object') {
      // the promise of an async function may reject, and without a handler that ends the process
      void Promise.resolve(content).catch(() => undefined)
      throw new Error(`receipt: expected an object, got ${type}`)
    }
    this.#content = { ...content, ...this.#facts.finish(), finishedAt: new Date() }
  }

  /** Returns the text of the completed receipt. */
  format(): string {
    return formatJsonFile(this.#content)
  }

  /** Calls the option `onReceipt`. */
  notify(path = this.path): void {
    this.#onReceipt?.({ path, content: this.#content })
  }
}
