// Compiles the kernel: node build.js. What comes out is `../kernel-bytes.ts`, a module, so that it goes wherever lib goes.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import asc from 'assemblyscript/asc'

const folder = import.meta.dirname
const options = ['-O3', '--runtime', 'stub', '--enable', 'simd', '--noAssert', '--outFile', 'wasm']
let wasm
const { error, stderr } = await asc.main(['index.ts', '--baseDir', folder, ...options], {
  writeFile: (name, contents) => void (wasm = Buffer.from(contents)),
})
if (error) throw new Error(`${error.message}\n${stderr}`)
writeFileSync(
  join(folder, '../kernel-bytes.ts'),
  `// Made of kernel/ by npm run kernel.\nexport const wasm =\n  '${wasm.toString('base64')}'\n`,
)
