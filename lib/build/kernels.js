// Compiles the WebAssembly kernels: node lib/build/kernels.js. It writes the compiled bytes of each folder into a module beside
// the folder, `kernel-bytes.ts`. The files of `fastpath/common/kernel` are compiled into each kernel that imports them.
import { writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import asc from 'assemblyscript/asc'

const lib = join(import.meta.dirname, '..')
/** `pages` is the initial memory in pages of 64 KiB; without so much free memory a kernel cannot be created. */
const kernels = [
  { folder: 'fastpath/scan/kernel', entry: 'scan-records-kernel.ts', runtime: 'stub', pages: 94 },
  { folder: 'fastpath/json/kernel', entry: 'json-lines-kernel.ts', runtime: 'minimal', pages: 16 },
  { folder: 'fastpath/objects/kernel', entry: 'latin1-kernel.ts', runtime: 'minimal', pages: 16 },
  { folder: 'fastpath/csv/kernel', entry: 'csv-rows-kernel.ts', runtime: 'minimal', pages: 16 },
  { folder: 'fastpath/parquet/kernel', entry: 'column-chunk-kernel.ts', runtime: 'minimal', pages: 16 },
]

for (const { folder, entry, runtime, pages } of kernels) {
  const options = [
    '-O3',
    '--enable',
    'simd',
    '--noAssert',
    '--runtime',
    runtime,
    '--memoryBase',
    '4096',
    '--use',
    'abort=',
    '--initialMemory',
    String(pages),
  ]
  let wasm
  const { error, stderr } = await asc.main([`${folder}/${entry}`, '--baseDir', lib, '--outFile', 'wasm', ...options], {
    writeFile: (name, contents) => void (wasm = Buffer.from(contents)),
  })
  if (error) throw new Error(`${error.message}\n${stderr}`)
  writeFileSync(
    join(lib, dirname(folder), 'kernel-bytes.ts'),
    `// Compiled from kernel/ by npm run kernel.\nexport const wasm =\n  '${wasm.toString('base64')}'\n`,
  )
}
