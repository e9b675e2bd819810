// The facts about its records that a stream of this library tells its reader. They are the same for pages and for single records.

/** The name of the property with the columns that the output has if the stream has no row. */
export const columnsIfEmptyKey: unique symbol = Symbol('optimize-export.columns')

/**
 * The name of the property that is true for a stream whose records are only a part of a table, such as one file of a dataset. Then the
 * dataset checks the names in options, and the encoder does not.
 */
export const partOfTableKey: unique symbol = Symbol('optimize-export.part')

export interface StreamFacts {
  readonly [columnsIfEmptyKey]?: readonly string[]
  readonly [partOfTableKey]?: boolean
}
