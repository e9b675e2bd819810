// Compresses with zstd: with Node.js if it has zstd, else with WebAssembly. The sole importer of @hpcc-js/wasm-zstd.
import zlib from 'node:zlib'
import { ExportError } from '../../../shared/errors.js'
import type { Compressor } from '../../../leaves/column-chunk-builder.js'

/** Node.js has zstd since 22.15. */
export interface MaybeZstd {
  readonly zstdCompressSync?: Compressor
}

export async function loadZstd({ zstdCompressSync }: MaybeZstd = zlib as MaybeZstd): Promise<Compressor> {
  if (zstdCompressSync) return (bytes) => zstdCompressSync(bytes)
  if (!('WebAssembly' in globalThis))
    throw new ExportError('ERR_ENCODE', 'toParquet: codec "zstd" needs Node.js 22.15 or later, or WebAssembly')
  const { Zstd } = await import('@hpcc-js/wasm-zstd')
  const zstd = await Zstd.load()
  return (bytes) => zstd.compress(bytes)
}
