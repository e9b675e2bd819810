// The version of this package. It is a constant, because bundlers then need no package.json; a test compares the two.

export const VERSION = '0.1.0'

/** Returns the `created_by` text of a Parquet file. Readers ignore the bounds of text columns if it has no version. */
export const formatCreatedBy = (engine: string): string => `optimize-export version ${VERSION} (build ${engine})`
