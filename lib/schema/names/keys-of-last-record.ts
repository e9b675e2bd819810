// Compares the keys of a record with the keys of an earlier record.
import { isJsonObject } from '../../shared/json/json.js'
import { nestedFields } from '../../shared/reports/nested-fields.js'
import type { JsonValue, RecordOrRow } from '../../shared/types.js'

export class KeysOfLastRecord {
  readonly #singleColumnFields: ReadonlySet<string>
  readonly #topLevelKeys = new LastKeys()
  readonly #nestedKeys = nestedFields.map(({ field }) => ({ field, lastKeys: new LastKeys() }))

  constructor(singleColumnFields: ReadonlySet<string> = new Set()) {
    this.#singleColumnFields = singleColumnFields
  }

  /**
   * Returns true if the record has the remembered keys, in the same order. The keys of a nested field are not compared if it is null or
   * missing, or if it is a single column.
   */
  hasSameKeys(record: RecordOrRow): boolean {
    if (!this.#topLevelKeys.hasSameKeys(record)) return false
    for (const { field, lastKeys } of this.#nestedKeys) {
      const holder = record[field]
      if (holder === undefined || holder === null || this.#singleColumnFields.has(field)) continue
      if (!isJsonObject(holder) || !lastKeys.hasSameKeys(holder)) return false
    }
    return true
  }

  remember(record: RecordOrRow): void {
    this.#topLevelKeys.remember(record)
    for (const { field, lastKeys } of this.#nestedKeys) {
      const holder = record[field]
      if (isJsonObject(holder)) lastKeys.remember(holder)
    }
  }
}

/** JSON.parse interns keys, so a comparison of two keys compares pointers. */
class LastKeys {
  #keys: string[] = []

  hasSameKeys(object: RecordOrRow | Record<string, JsonValue>): boolean {
    const keys = this.#keys
    let index = 0
    for (const key in object) if (key !== keys[index++]) return false
    return index === keys.length
  }

  remember(object: RecordOrRow | Record<string, JsonValue>): void {
    this.#keys = Object.keys(object)
  }
}
