// Opens DuckDB in this process. The sole importer of @duckdb/node-api, an optional peer dependency.
import type { DuckDBConnection } from '@duckdb/node-api'
import { ExportError } from '../../shared/errors.js'
import { importPeer } from '../../shared/import-peer.js'

export interface DuckdbClient {
  readonly connection: DuckDBConnection
  close(): void
}

const MIN_VERSION = [1, 1] as const

/**
 * Opens a file, or `:memory:`. Rejects with the error of DuckDB, or with `ERR_DESTINATION` if DuckDB is too old. If this process has
 * opened the file by `DuckDBInstance.fromCache`, that open file is used.
 */
export async function openDuckdb(path: string, config: Readonly<Record<string, string>>): Promise<DuckdbClient> {
  const load = () => import('@duckdb/node-api')
  const { DuckDBInstance, version } = await importPeer('duckdb', '@duckdb/node-api', load, { option: 'into' })
  checkVersion(version())
  const instance = await (path === ':memory:'
    ? DuckDBInstance.create(path, { ...config })
    : DuckDBInstance.fromCache(path, { ...config }))
  const connection = await instance.connect()
  return {
    connection,
    close: () => {
      connection.closeSync()
      instance.closeSync()
    },
  }
}

/** Throws if the version, such as `v1.5.5`, is too old. A range in package.json cannot check this, because releases have a suffix. */
export function checkVersion(version: string): void {
  const [major = 0, minor = 0] = version.replace(/^v/, '').split('.').map(Number)
  if (major > MIN_VERSION[0] || (major === MIN_VERSION[0] && minor >= MIN_VERSION[1])) return
  throw new ExportError('ERR_DESTINATION', `duckdb: expected DuckDB ${MIN_VERSION.join('.')} or later, got ${version}`)
}
