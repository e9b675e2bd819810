// The version of this package that wrote a file. A constant, so that bundlers need no package.json; a test compares the two.

/** The version of this package. */
export const VERSION = '0.1.0'

/** Which program wrote a file, in the form that readers know: without a version they distrust the bounds of text. */
export const formatCreatedBy = (engine: string): string => `optimize-export version ${VERSION} (build ${engine})`
