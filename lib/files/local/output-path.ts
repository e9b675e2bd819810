// Finds out whether the file at a path can be replaced, or must be written directly.
import type { Stats } from 'node:fs'
import { basename, dirname, join, resolve, sep } from 'node:path'
import { createFileError } from '../../shared/system-errors.js'
import { disk, ignoreMissing } from './disk.js'

/** A path to write to, after all symbolic links were followed. */
export interface OutputPath {
  readonly path: string
  readonly existing: Stats | undefined
  /** True for a regular file or none; false for a FIFO, a socket, a character device or an open file of a process. */
  readonly isReplaceable: boolean
}

/** The number of links that Linux follows. Source: path_resolution(7). */
const MAX_LINKS = 40

/** The folder to which `/dev/stdout` and `/dev/fd/3` lead. An open file of a process cannot be replaced by a rename. */
const OPEN_FILE_FOLDER = /^\/proc\/\d+\/(task\/\d+\/)?fd$/

/** Follows all symbolic links. The file at the end need not exist. Rejects if nothing can be written there, such as to a folder. */
export async function resolveOutputPath(path: string): Promise<OutputPath> {
  if (path.endsWith(sep)) throw createFileError('EISDIR', `a path that ends with ${sep} is that of a folder`)
  let currentPath = path
  for (let links = 0; links < MAX_LINKS; links++) {
    const folder = await resolveFolder(dirname(currentPath))
    const entry = join(folder, basename(currentPath))
    if (OPEN_FILE_FOLDER.test(folder)) return { path: entry, existing: await disk.stat(entry), isReplaceable: false }
    const found = await ignoreMissing(disk.lstat(entry))
    if (!found?.isSymbolicLink()) return classifyPath(entry, found)
    currentPath = resolve(folder, await disk.readlink(entry))
  }
  throw createFileError('ELOOP', 'too many symbolic links')
}

/**
 * The limit of macOS; Linux has four bytes more. The system would cut a longer path and connect to another socket.
 * Source: unix(7), sun_path.
 */
const MAX_SOCKET_PATH_BYTES = 103

function classifyPath(path: string, existing: Stats | undefined): OutputPath {
  if (!existing || existing.isFile()) return { path, existing, isReplaceable: true }
  const length = Buffer.byteLength(path)
  if (existing.isSocket() && length > MAX_SOCKET_PATH_BYTES) {
    const reason = `the path of a socket has at most ${MAX_SOCKET_PATH_BYTES} bytes, this one has ${length}`
    throw createFileError('ENAMETOOLONG', reason)
  }
  if (existing.isFIFO() || existing.isSocket() || existing.isCharacterDevice())
    return { path, existing, isReplaceable: false }
  throw existing.isDirectory() ? createFolderError('it') : createFileError('EINVAL', 'it is a block device')
}

/** Rejects if the path has something other than a regular file or a link. A rename would move or replace that too. */
export async function rejectUnlessFile(path: string): Promise<void> {
  const found = await ignoreMissing(disk.lstat(path))
  if (!found || found.isFile() || found.isSymbolicLink()) return
  throw found.isDirectory() ? createFolderError(path) : createFileError('EINVAL', `${path} is no regular file`)
}

async function resolveFolder(folder: string): Promise<string> {
  const found = await ignoreMissing(disk.realpath(folder))
  if (found === undefined) throw createFileError('ENOENT', `the folder ${folder} does not exist`)
  return found
}

const createFolderError = (subject: string) => createFileError('EISDIR', `${subject} is a folder`)
