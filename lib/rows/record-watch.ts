// Whether a record has the keys of the one before, so that a record like its neighbour costs one comparison per key.
import { isJsonObject } from '../json.js'
import { nestedFields } from '../reports/nested-fields.js'
import type { JsonValue, Row } from '../types.js'

/** Remembers the keys of one record, and those of its nested fields. */
export class RecordWatch {
  readonly #whole: ReadonlySet<string>
  readonly #top = new KeyWatch()
  readonly #nested = nestedFields.map(({ field }) => ({ field, watch: new KeyWatch() }))

  /** @param whole nested fields whose keys do not matter */
  constructor(whole: ReadonlySet<string> = new Set()) {
    this.#whole = whole
  }

  /** Whether the record has the keys of the remembered one, in the same order. */
  isLikeTheLast(record: Row): boolean {
    if (!this.#top.sees(record)) return false
    for (const { field, watch } of this.#nested) {
      const holder = record[field]
      if (holder === undefined || holder === null || this.#whole.has(field)) continue
      if (!isJsonObject(holder) || !watch.sees(holder)) return false
    }
    return true
  }

  remember(record: Row): void {
    this.#top.remember(record)
    for (const { field, watch } of this.#nested) {
      const holder = record[field]
      if (isJsonObject(holder)) watch.remember(holder)
    }
  }
}

/** Remembers the keys of an object, in their order; JSON.parse interns them, so comparing is comparing pointers. */
class KeyWatch {
  #keys: string[] = []

  sees(object: Row | Record<string, JsonValue>): boolean {
    const keys = this.#keys
    let at = 0
    for (const key in object) if (key !== keys[at++]) return false
    return at === keys.length
  }

  remember(object: Row | Record<string, JsonValue>): void {
    this.#keys = Object.keys(object)
  }
}
