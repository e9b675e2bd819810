// Compares the new receipts of a job with those of its last run, before the new files replace the old ones.
import { compareReceipts, ExportError } from '../../../index.js'
import { getFiguresOfThisExport } from '../../export/outcome.js'
import { formatCount } from '../../output/format-text.js'
import type { FailCondition } from '../file/job-keys.js'
import { readReceipt, type ReadableFiles } from '../../files/readable-files.js'

type Receipt = Readonly<Record<string, unknown>>

export class ChangeCheck {
  readonly #failOn: readonly FailCondition[]
  readonly #before = new Map<string, Receipt>()
  readonly #messages = new Set<string>()

  constructor(failOn: readonly FailCondition[] = []) {
    this.#failOn = failOn
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
    const fewer = describeFewerRows(before, receipt)
    if (fewer === undefined) return
    this.#messages.add(fewer)
    if (this.#failOn.includes('fewer-rows'))
      throw new ExportError('ERR_SUSPICIOUS_LOAD', `${path}: ${fewer}, and fail-on has fewer-rows`)
  }
}

function describeFewerRows(before: Receipt, { rows }: Receipt): string | undefined {
  const { rows: rowsBefore } = getFiguresOfThisExport(before)
  if (typeof rowsBefore !== 'number' || typeof rows !== 'number' || rows >= rowsBefore) return undefined
  return `the report has ${formatCount(rows)} rows, and had ${formatCount(rowsBefore)} in the last complete file`
}
