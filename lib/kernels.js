// Compiles what runs as WebAssembly: node lib/kernels.js. Of each folder it makes a module beside it, `kernel-bytes.ts`, so that
// what was compiled goes wherever lib goes.
import { writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import asc from 'assemblyscript/asc'

const lib = import.meta.dirname
/** With the pages of memory, 64 KiB each, that they begin with: where there is no room for those, they are not there. */
const kernels = [
  { folder: 'scan/kernel', runtime: 'stub', pages: 94 },
  { folder: 'encoders/csv/kernel', runtime: 'minimal', pages: 16 },
  { folder: 'encoders/parquet/kernel', runtime: 'minimal', pages: 16 },
]

for (const { folder, runtime, pages } of kernels) {
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
  const { error, stderr } = await asc.main([`${folder}/index.ts`, '--baseDir', lib, '--outFile', 'wasm', ...options], {
    writeFile: (name, contents) => void (wasm = Buffer.from(contents)),
  })
  if (error) throw new Error(`${error.message}\n${stderr}`)
  writeFileSync(
    join(lib, dirname(folder), 'kernel-bytes.ts'),
    `// Made of kernel/ by npm run kernel.\nexport const wasm =\n  '${wasm.toString('base64')}'\n`,
  )
}
