import { dirname, join, resolve, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ExportError } from '../../shared/errors.js'
import { openDirectSink } from './direct-sink.js'
import { getReason } from '../../shared/system-errors.js'
import type { FileStore } from '../file-store.js'
import { LocalFolder } from './local-folder.js'
import { resolveOutputPath } from './output-path.js'
import { StagedFile } from './staged-file.js'

export const localStore: FileStore = {
  label: 'the local disk',
  expectedPath: 'a path or a file URL',
  parsePath: (value) => {
    const path = value instanceof URL ? toPath(value) : value
    if (typeof path !== 'string' || path === '' || path.includes('\0')) return undefined
    return path.endsWith('/') || path.endsWith(sep) ? join(resolve(path), sep) : resolve(path)
  },
  check: async (path) => {
    await resolveOutputPath(path)
  },
  open: async (path, options, signal) => {
    const outputPath = await resolveOutputPath(path)
    return outputPath.isReplaceable ? StagedFile.open(outputPath, options, signal) : openDirectSink(outputPath, signal)
  },
  openFolder: (manifestPath, signal) => LocalFolder.open(dirname(manifestPath), signal),
  toError: (where, step, path, cause) =>
    new ExportError('ERR_FILE', `${where}: cannot ${step} ${path}: ${getReason(cause)}`, { cause }),
}

function toPath(url: URL): string | undefined {
  try {
    return fileURLToPath(url)
  } catch {
    return undefined
  }
}
