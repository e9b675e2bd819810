import { describeType } from '../../shared/describe-type.js'
import { ExportError } from '../../shared/errors.js'
import type { Row } from '../../shared/types.js'

/** Returns the chunk as a record. Throws `ERR_ENCODE` if it is not an object with fields. */
export function checkRecord(where: string, chunk: unknown): Row {
  if (typeof chunk === 'object' && chunk !== null && !Array.isArray(chunk) && !ArrayBuffer.isView(chunk))
    return chunk as Row
  const got = ArrayBuffer.isView(chunk) ? 'bytes' : chunk === undefined ? 'undefined' : describeType(chunk)
  throw new ExportError('ERR_ENCODE', `${where}: expected a record (an object), got ${got}`)
}
