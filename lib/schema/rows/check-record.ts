import { ExportError } from '../../shared/errors.js'
import type { Row } from '../../shared/types.js'

/** Returns the chunk as a record. Throws `ERR_ENCODE` if it is not an object with fields. */
export function checkRecord(where: string, chunk: unknown): Row {
  if (typeof chunk === 'object' && chunk !== null && !Array.isArray(chunk) && !ArrayBuffer.isView(chunk))
    return chunk as Row
  const got = Array.isArray(chunk) ? 'an array' : ArrayBuffer.isView(chunk) ? 'bytes' : describeType(chunk)
  throw new ExportError('ERR_ENCODE', `${where}: expected a record (an object), got ${got}`)
}

const describeType = (chunk: unknown) => (chunk === null || chunk === undefined ? String(chunk) : `a ${typeof chunk}`)
