import { JsRowWriter } from './js-row-writer.js'
import type { RowFormatter } from './row-formatter.js'
import type { RowWriter } from './row-writer.js'
import { WasmRowWriter } from './wasm-row-writer.js'

export function createRowWriter(formatter: RowFormatter): RowWriter {
  return WasmRowWriter.open(formatter) ?? new JsRowWriter(formatter)
}
