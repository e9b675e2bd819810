import fc from 'fast-check'
import t from 'tap'
import { createChunkKernel } from '../../lib/fastpath/parquet/chunk-kernel.js'
import { TIMESTAMP_LEAF } from '../../lib/leaves/leaf-kinds.js'
import { WasmColumnChunkBuilder } from '../../lib/fastpath/parquet/wasm-column-chunk-builder.js'
import { parseTimestamp } from '../../lib/schema/types/timestamp.js'
import { TEXT } from '../../lib/spans/span.js'
import { withFastPath, withFastPathOff } from '../support/encode/fast-path.js'
import { runs, seed } from '../support/random/property.js'
import { createLayoutRuns } from '../support/encode/layout-runs.js'

const kernel = createChunkKernel()!
const chunk = new WasmColumnChunkBuilder(
  kernel,
  TIMESTAMP_LEAF,
  { definition: 1, repetition: 0 },
  (bytes) => new Uint8Array(bytes),
)

/** Returns the time that the kernel parses from a text, read from the lower bound of a chunk with this value only. */
function parseInKernel(text: string): number | undefined {
  const [{ spans }] = createLayoutRuns(['t'], [[JSON.stringify(text)]]) as [ReturnType<typeof createLayoutRuns>[number]]
  kernel.loadBlock(spans, 0, 1)
  const { starts, ends } = spans.valueTable
  if (chunk.putSpan(spans.bytes, starts[0]!, ends[0]!, TEXT, 0) === undefined) return undefined
  return Number(Buffer.from(chunk.finish().bounds!.min).readBigInt64LE())
}

t.test(`the kernel parses times as JavaScript does, or leaves them to JavaScript (seed ${seed})`, async (t) => {
  const number = (max: number) => fc.integer({ min: 0, max })
  const two = (value: number) => String(value).padStart(2, '0')
  const date = fc
    .tuple(
      number(9999),
      number(13),
      number(32),
      number(24),
      number(60),
      number(60),
      number(999),
      number(24),
      number(60),
    )
    .map(
      ([y, mo, d, h, mi, s, ms, oh, om]) =>
        `${String(y).padStart(4, '0')}-${two(mo)}-${two(d)}T${two(h)}:${two(mi)}:${two(s)}.${String(ms).padStart(3, '0')}${ms % 2 ? '+' : '-'}${two(oh)}${two(om)}`,
    )
  const noise = fc.record({ at: number(27), byte: fc.option(fc.integer({ min: 0, max: 127 }), { freq: 1 }) })
  let undamaged = 0
  fc.assert(
    fc.property(date, noise, (text, { at, byte }) => {
      const bytes = Buffer.from(text)
      if (byte !== null) bytes[at] = byte
      const value = parseInKernel(bytes.toString('latin1'))
      const expected = parseTimestamp(bytes.toString('latin1'))
      if (byte === null) return value === expected && ++undamaged > 0
      return value === undefined || value === expected
    }),
    runs(3000),
  )
  t.ok(undamaged > 500, `${undamaged} dates had no changed byte`)
})

t.test('bytes outside the loaded block are left to the caller', async (t) => {
  const page = Buffer.from('{"t":"2021-12-02T17:21:49.330+0200"}')
  t.equal(chunk.putSpan(page, 6, 34, TEXT, 0), undefined)
})

t.test('there is no kernel without WebAssembly, or when the fast path is off', async (t) => {
  t.equal(await withFastPathOff(createChunkKernel), undefined)
  t.intercept(globalThis as never, 'WebAssembly', { value: undefined as never })
  t.equal(createChunkKernel(), undefined)
})

t.test('a value of the switch other than on, off and the empty text is an error', async (t) => {
  t.ok(await withFastPath('on', createChunkKernel))
  t.ok(await withFastPath('', createChunkKernel))
  await t.rejects(withFastPath('false', createChunkKernel), {
    name: 'OptionError',
    message: 'environment: OPTIMIZE_EXPORT_FASTPATH: expected on or off, got "false"',
  })
})
