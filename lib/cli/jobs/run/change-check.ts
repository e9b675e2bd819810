// Compares the new receipts of a job with those of its last run, before the new files replace the old ones.
import { compareReceipts, ExportError } from '../../../index.js'
import { getFiguresOfThisExport } from '../../export/outcome.js'
import { formatCount, pluralize } from '../../output/format-text.js'
import type { FailCondition } from '../file/job-keys.js'
import { readReceipt, type ReadableFiles } from '../../files/readable-files.js'

type Receipt = Readonly<Record<string, unknown>>

export class ChangeCheck {
  readonly #failOn: readonly FailCondition[]
  readonly #eventPath: string | undefined
  readonly #before = new Map<string, Receipt>()
  readonly #messages = new Set<string>()

  /** @param eventPath the path of the event log */
  constructor(failOn: readonly FailCondition[] = [], eventPath?: string) {
    this.#failOn = failOn
    this.#eventPath = eventPath
  }

  get messages(): readonly string[] {
    return [...this.#messages]
  }

  async readReceipts(paths: readonly string[], files: ReadableFiles): Promise<void> {
    for (const path of paths) {
      const receipt = await readReceipt(path, files)
      if (receipt) this.#before.set(path, receipt)
    }
  }

  /** Notes the changes of a file or a dataset. Throws `ERR_SCHEMA_CHANGE` or `ERR_SUSPICIOUS_LOAD` for a change that `fail-on` names. */
  check(path: string, receipt: Receipt): void {
    const before = this.#before.get(path)
    if (!before) return
    const changes = compareReceipts(before, receipt)
    for (const { message } of changes) this.#messages.add(message)
    const lost = changes.find(({ kind }) => kind === 'column-vanished')
    if (lost && this.#failOn.includes('lost-columns'))
      throw new ExportError('ERR_SCHEMA_CHANGE', `${path}: ${lost.message}, and fail-on has lost-columns`)
    const { rows: rowsBefore } = getFiguresOfThisExport(before)
    const { rows, eventCount } = receipt
    if (typeof rowsBefore !== 'number' || typeof rows !== 'number' || rows >= rowsBefore) return
    const noun = eventCount !== undefined ? 'process instance' : path === this.#eventPath ? 'event' : 'row'
    const message = `${path}: ${pluralize(rows, noun)}, after ${formatCount(rowsBefore)} in the last complete run`
    this.#messages.add(message)
    if (this.#failOn.includes('fewer-rows'))
      throw new ExportError('ERR_SUSPICIOUS_LOAD', `${message}, and fail-on has fewer-rows`)
  }
}
