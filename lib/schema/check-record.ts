// What may come in as a record: anything that has fields, whatever a user's own stream put there.
import { ExportError } from '../shared/errors.js'
import type { Row } from '../shared/types.js'

/** The chunk as a record; `ERR_ENCODE` for what has no fields. */
export function checkRecord(where: string, chunk: unknown): Row {
  if (typeof chunk === 'object' && chunk !== null && !Array.isArray(chunk) && !ArrayBuffer.isView(chunk))
    return chunk as Row
  const got = Array.isArray(chunk) ? 'an array' : ArrayBuffer.isView(chunk) ? 'bytes' : describeType(chunk)
  throw new ExportError('ERR_ENCODE', `${where}: expected a record (an object), got ${got}`)
}

const describeType = (chunk: unknown) => (chunk === null || chunk === undefined ? String(chunk) : `a ${typeof chunk}`)
