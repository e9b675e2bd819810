import { describeType, getTag } from '../../shared/describe-value.js'
import { ExportError } from '../../shared/errors.js'
import type { RecordOrRow } from '../../shared/types.js'

/** Returns the chunk as a record. Throws `ERR_ENCODE` unless it is an object with fields; a `Map`, a `Date` or an array is not. */
export function checkRecord(where: string, chunk: unknown): RecordOrRow {
  if (isObject(chunk) && (Object.getPrototypeOf(chunk) === Object.prototype || getTag(chunk) === 'Object'))
    return chunk as RecordOrRow
  const got = ArrayBuffer.isView(chunk) ? 'bytes' : chunk === undefined ? 'undefined' : describeType(chunk)
  throw new ExportError('ERR_ENCODE', `${where}: expected a record (an object), got ${got}`)
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null
