// The file system calls of files/ in one object, so that a test can make each of them fail; `owner.ts` reads /proc itself.
import {
  lstatSync,
  mkdirSync,
  open as openWithCallback,
  readFileSync,
  realpathSync,
  rmdirSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import * as fs from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { promisify } from 'node:util'
import { createFileError } from '../../shared/system-errors.js'

const { link, lstat, mkdir, open, readFile, readdir, readlink, realpath, rename, rmdir, stat, unlink, utimes } = fs

export const disk = {
  ...{ link, lstat, mkdir, open, readFile, readdir, readlink, realpath, rename, rmdir, stat, unlink, utimes },
  ...{ lstatSync, mkdirSync, readFileSync, realpathSync, rmdirSync, unlinkSync, writeFileSync },
  openDescriptor: promisify(openWithCallback),
}

/** Returns the result of the promise, or `undefined` if it rejects because the file does not exist. */
export async function ignoreMissing<T>(promise: Promise<T>): Promise<T | undefined> {
  return promise.catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  })
}

/** Removes folders that were created, if they are empty. Never rejects. */
export type RemoveEmptyFolders = () => Promise<void>

/** Creates a folder and the folders above it, if they do not exist. Rejects with the reason of the system. */
export async function createFolder(path: string): Promise<RemoveEmptyFolders> {
  try {
    // with a slash at its end, the error would be ENOTDIR instead of EEXIST
    const first = await disk.mkdir(resolve(path), { recursive: true })
    return () => removeEmptyFolders(resolve(path), first === undefined ? Infinity : resolve(first).length)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST')
      throw createFileError('EEXIST', `${path} is a file, and a folder is expected`)
    const parent = dirname(path)
    // with `recursive`, Node.js says ENOENT instead of a reason such as EROFS
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || parent === path) throw error
    const removeParents = await createFolder(parent)
    await disk.mkdir(path)
    return async () => {
      await removeEmptyFolders(resolve(path), resolve(path).length)
      await removeParents()
    }
  }
}

/** Removes an empty folder, and then the folders above it, down to this length of their paths. */
async function removeEmptyFolders(path: string, minLength: number): Promise<void> {
  if (path.length < minLength) return
  const isRemoved = await disk.rmdir(path).then(
    () => true,
    () => false,
  )
  if (isRemoved) await removeEmptyFolders(dirname(path), minLength)
}

/** Writes a file that does not exist yet, and syncs it. A link at its path is not followed. */
export async function writeNewFile(path: string, text: string): Promise<void> {
  const file = await disk.open(path, 'wx')
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
}

/** The errors of file systems that cannot sync folders or do not open them for reading. */
const SYNC_UNSUPPORTED_CODES = ['EINVAL', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EISDIR', 'EBADF', 'EPERM', 'EACCES']

/** Forces the names in these folders to disk, if the file system can do that. Source: fsync(2), "Calling fsync()". */
export async function syncFolders(folders: Iterable<string>): Promise<void> {
  for (const folder of new Set(folders)) {
    try {
      const handle = await disk.open(folder, 'r')
      await handle.sync().finally(() => handle.close())
    } catch (error) {
      if (!SYNC_UNSUPPORTED_CODES.includes(String((error as NodeJS.ErrnoException).code))) throw error
    }
  }
}
