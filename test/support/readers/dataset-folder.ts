// Reads datasets on the local disk for tests.
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, sep } from 'node:path'
import type { DatasetManifest } from '../../../lib/index.js'

/** Returns the files below a folder, with `/`, in order. */
export function listFiles(folder: string): string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name))
  return files.map((path) => path.slice(folder.length + 1).replaceAll(sep, '/')).sort()
}

export function readManifestFile(folder: string): DatasetManifest | undefined {
  const path = join(folder, '_manifest.json')
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as DatasetManifest) : undefined
}

/** Returns the number of rows in the manifest, or undefined without a manifest. Throws if a file is not the one in the manifest. */
export function verifyManifest(folder: string): number | undefined {
  const manifest = readManifestFile(folder)
  if (!manifest) return undefined
  for (const { path, bytes, sha256 } of manifest.files) {
    const content = readFileSync(join(folder, path))
    const found = createHash('sha256').update(content).digest('hex')
    if (content.length !== bytes || found !== sha256) throw new Error(`${path} is not the file of the manifest`)
  }
  return manifest.rows
}
