// The names that the records of a stream have.
import { isJsonObject } from '../json.js'
import { nestedFields } from '../reports/nested-fields.js'
import type { Row } from '../types.js'
import { RecordWatch } from './record-watch.js'

/** Yields every name by which a column of the record can be selected: its fields, and one per key of its nested fields. */
export function* namesIn(record: Row): Generator<string> {
  yield* Object.keys(record)
  for (const { field, prefix } of nestedFields) {
    const holder = record[field]
    if (isJsonObject(holder)) for (const key of Object.keys(holder)) yield prefix + key
  }
}

/** Collects the names of records; a record with the keys of the one before costs one comparison per key. */
export class RecordNames {
  readonly #all = new Set<string>()
  readonly #watch = new RecordWatch()

  get all(): readonly string[] {
    return [...this.#all]
  }

  look(record: Row): void {
    if (this.#watch.isLikeTheLast(record)) return
    this.#watch.remember(record)
    this.add(namesIn(record))
  }

  add(names: Iterable<string | undefined>): void {
    for (const name of names) if (name !== undefined) this.#all.add(name)
  }
}
