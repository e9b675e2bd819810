// The part of WebAssembly that is used here; the types of Node have none of it.
import { endianness } from 'node:os'

/** Memory that grows: then its buffer is another one. */
export interface WebAssemblyMemory {
  readonly buffer: ArrayBuffer
  readonly grow: (pages: number) => number
}

type Imports = Readonly<Record<string, Readonly<Record<string, unknown>>>>

interface WebAssemblyApi {
  readonly Module: new (bytes: Uint8Array) => object
  readonly Instance: new (module: object, imports: Imports) => { readonly exports: unknown }
}

const modules = new Map<string, object>()

/**
 * The exports of a new instance; undefined where there is no WebAssembly, none with vectors, no address space left, or where
 * numbers are not in memory as WebAssembly has them.
 * @param wasm the module in base64
 */
export function instantiate(wasm: string, imports: Imports = {}): unknown {
  return (endianness() === 'LE' && createExports(wasm, imports)) || undefined
}

function createExports(wasm: string, imports: Imports): unknown {
  const { WebAssembly } = globalThis as unknown as { WebAssembly: WebAssemblyApi }
  try {
    const module = modules.get(wasm) ?? new WebAssembly.Module(Buffer.from(wasm, 'base64'))
    modules.set(wasm, module)
    return new WebAssembly.Instance(module, imports).exports
  } catch {
    return undefined
  }
}
