// The switch of the fast path, and types for the part of WebAssembly that is used here, because @types/node has none.
import { endianness } from 'node:os'
import { OptionError } from '../../shared/errors.js'
import { memoize } from '../../shared/memoize.js'

export interface WebAssemblyMemory {
  readonly buffer: ArrayBuffer
  readonly grow: (pages: number) => number
}

type Imports = Readonly<Record<string, Readonly<Record<string, unknown>>>>

interface WebAssemblyApi {
  readonly Module: new (bytes: Uint8Array) => object
  readonly Instance: new (module: object, imports: Imports) => { readonly exports: unknown }
}

const getWebAssembly = () => (globalThis as { WebAssembly?: WebAssemblyApi }).WebAssembly

const compile = memoize((wasm: string) => new (getWebAssembly()!.Module)(Buffer.from(wasm, 'base64')))

const SWITCH = 'OPTIMIZE_EXPORT_FASTPATH'

/**
 * Returns false if the environment has `OPTIMIZE_EXPORT_FASTPATH=off`, if this process has no WebAssembly, or if the processor is
 * big-endian. JavaScript then does the work of every kernel.
 *
 * @throws OptionError if the variable is neither `on` nor `off` nor empty
 */
export function isFastPathOn(): boolean {
  const value = process.env[SWITCH] || 'on'
  if (value !== 'on' && value !== 'off')
    throw new OptionError('environment', SWITCH, `expected on or off, got ${JSON.stringify(value)}`)
  return value === 'on' && endianness() === 'LE' && getWebAssembly() !== undefined
}

/**
 * Returns the exports of a new instance, or `undefined` if the fast path is off, if WebAssembly does not support SIMD, or if
 * there is not enough memory.
 * @param wasm the module in base64
 */
export function instantiate(wasm: string, imports: Imports = {}): unknown {
  if (!isFastPathOn()) return undefined
  const { Instance } = getWebAssembly()!
  try {
    return new Instance(compile(wasm), imports).exports
  } catch {
    return undefined
  }
}
