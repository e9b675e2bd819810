import { ExportError } from './errors.js'

const reasonByCode: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or folder',
  ENOSPC: 'no space left on the disk',
  EDQUOT: 'the disk quota is used up',
  EACCES: 'permission denied',
  EPERM: 'not permitted',
  EROFS: 'the file system is read-only',
  EBUSY: 'the name is in use, for example as a mount point',
  EISDIR: 'it is a folder',
  ENOTDIR: 'a folder in its path is a file',
  ELOOP: 'too many symbolic links',
  ENAMETOOLONG: 'the name is too long',
  EPIPE: 'the reader closed it',
  ECONNRESET: 'the reader closed it',
  ECONNREFUSED: 'no process listens at this socket',
  ERR_STREAM_DESTROYED: 'the reader closed it',
  ERR_STREAM_PREMATURE_CLOSE: 'the reader closed it',
  ABORT_ERR: 'the export was stopped',
}

/** Returns the reason of a failure, in words if they are known, with the code of the system. */
export function getReason(error: unknown): string {
  const { code = '', message, reason } = error as NodeJS.ErrnoException & { reason?: string }
  if (reason !== undefined || error instanceof ExportError) return message
  return code in reasonByCode ? `${reasonByCode[code]!} (${code})` : code || message
}

/** Creates an error with a reason of our own, which {@link getReason} returns, and the code of the system. */
export const createFileError = (code: string, reason: string): NodeJS.ErrnoException =>
  Object.assign(new Error(`${reason} (${code})`), { code, reason })
