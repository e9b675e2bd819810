// A target of an export that is being written: its encoder, its warnings and its receipt.
import type { Dataset, DatasetWarning, Encoder, ExportStream, RowTransform, WrittenReceipt } from '../../index.js'
import { createCommandReceipt } from './receipt-content.js'
import type { Target } from './target.js'

export interface ExportOutput {
  readonly target: Target
  readonly encoder: Encoder | Dataset
  readonly transforms: readonly RowTransform[]
  readonly createReceiptContent: () => Record<string, unknown>
  readonly onReceipt: (receipt: WrittenReceipt) => void
  /** The receipt that is in place; none for stdout and devices. */
  readonly getReceipt: () => WrittenReceipt | undefined
}

/** Creates the output of an export: a file, stdout or a dataset. The output collects the warnings for the receipt. */
export function createOutput(
  source: ExportStream,
  reportId: string,
  target: Target,
  encoder: Encoder | Dataset,
  transforms: readonly RowTransform[] = [],
): ExportOutput {
  const warnings: DatasetWarning[] = []
  let written: WrittenReceipt | undefined
  onWarning(encoder, (warning) => warnings.push(warning))
  for (const transform of transforms) transform.on('warning', (warning) => warnings.push(warning))
  return {
    target,
    encoder,
    transforms,
    createReceiptContent: () => createCommandReceipt(source, reportId, target, encoder, warnings),
    onReceipt: (receipt) => (written = receipt),
    getReceipt: () => written,
  }
}

export function onWarning(encoder: Encoder | Dataset, listener: (warning: DatasetWarning) => void): void {
  const emitter: NodeJS.EventEmitter = encoder
  emitter.on('warning', listener)
}
