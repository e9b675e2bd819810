// Which version of this package wrote a file. A constant, so that bundlers need no package.json; a test holds it to that.

export const VERSION = '0.1.0'
