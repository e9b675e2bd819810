// Which version of this package wrote a file. A constant, so that bundlers need no package.json; a test holds it to that.

/** The version of this package. */
export const VERSION = '0.1.0'
