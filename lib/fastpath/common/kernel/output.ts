// The output of a kernel that writes text. AssemblyScript, called by `../output-kernel.ts`.
import { GrowingBytes } from './growing-bytes'
import {
  OUTPUT_ADDRESS_OFFSET,
  OUTPUT_BYTES_OFFSET,
  RESULT,
  STOPPED_RECORD_OFFSET,
  STOPPED_VALUE_OFFSET,
} from './output-memory'

export const out = new GrowingBytes()

export function clear(): void {
  out.clear()
  store<i32>(RESULT, 0, OUTPUT_BYTES_OFFSET)
}

export function reserveValue(maxBytes: i32): usize {
  out.reserve(maxBytes)
  return out.end
}

export function writeResult(record: i32, value: i32): void {
  store<i32>(RESULT, record, STOPPED_RECORD_OFFSET)
  store<i32>(RESULT, value, STOPPED_VALUE_OFFSET)
  store<u32>(RESULT, out.at as u32, OUTPUT_ADDRESS_OFFSET)
  store<i32>(RESULT, out.length, OUTPUT_BYTES_OFFSET)
}
