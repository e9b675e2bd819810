// The version is a constant, because bundlers then need no package.json; a test compares it with package.json.

/** The version of this package. */
export const VERSION = '0.1.0'

/** Returns the `created_by` text of a Parquet file. Readers ignore the bounds of text columns if it has no version. */
export const formatCreatedBy = (engine: string): string => `optimize-export version ${VERSION} (build ${engine})`
