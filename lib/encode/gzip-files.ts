// Gzip for the files of the command and of datasets, if their format has no compression of its own.
import { constants, createGzip } from 'node:zlib'
import type { Transform } from 'node:stream'

const EXTENSION = '.gz'

export const createGzipStream = (): Transform => createGzip({ level: constants.Z_DEFAULT_COMPRESSION })

/** Returns the path of a file, with the extension of compressed files if the file is compressed. */
export const addCompressedExtension = (path: string, isCompressed: boolean): string =>
  isCompressed ? `${path}${EXTENSION}` : path

/** Returns the path without the extension of compressed files, or undefined if the path has another extension. */
export const removeCompressedExtension = (path: string): string | undefined =>
  path.toLowerCase().endsWith(EXTENSION) ? path.slice(0, -EXTENSION.length) : undefined
