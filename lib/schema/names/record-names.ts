import { isJsonObject } from '../../shared/json/json.js'
import { findNestedField, nestedFields } from '../../shared/reports/nested-fields.js'
import type { RecordOrRow } from '../../shared/types.js'
import { KeysOfLastRecord } from './keys-of-last-record.js'

/**
 * Yields every name by which a column of the record can be selected: each field, the prefixed name of each key of a nested field, and in a
 * flat row the nested fields of its columns.
 */
export function* iterateNames(record: RecordOrRow): Generator<string> {
  for (const key of Object.keys(record)) {
    yield key
    const nested = findNestedField(key)
    if (nested) yield nested.field
  }
  for (const { field, prefix } of nestedFields) {
    const holder = record[field]
    if (isJsonObject(holder)) for (const key of Object.keys(holder)) yield prefix + key
  }
}

export class RecordNames {
  readonly #names = new Set<string>()
  readonly #lastKeys = new KeysOfLastRecord()

  get all(): readonly string[] {
    return [...this.#names]
  }

  addRecord(record: RecordOrRow): void {
    if (this.#lastKeys.hasSameKeys(record)) return
    this.#lastKeys.remember(record)
    for (const name of iterateNames(record)) this.#names.add(name)
  }
}
