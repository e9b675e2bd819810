// What records of one shape have in common: their keys, in their order, and the bytes between their values.

/** The shape of a record. */
export interface Shape {
  /** How many values a record of it has. */
  readonly width: number
  /** The prefixed name of the column behind each value; undefined where a value is no column's. */
  readonly columns: readonly (string | undefined)[]
}
