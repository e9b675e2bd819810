import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import zlib from 'node:zlib'
import t from 'tap'
import { startFakeOptimize } from '../../lib/testing/index.js'
import { readBytesWithDuckdb } from '../support/readers/read-parquet.js'

const run = promisify(execFile)

/** Each row is a way to have no fast path. */
const ways = [
  { name: 'the switch', flags: [], env: { OPTIMIZE_EXPORT_FASTPATH: 'off' }, webAssembly: 'object' },
  { name: 'no WebAssembly', flags: ['--jitless'], env: {}, webAssembly: 'undefined' },
]

t.test(
  'a process without the fast path makes the same CSV and NDJSON, and Parquet files with the same rows',
  { skip: existsSync('dist/index.js') ? false : 'runs the build, which npm test makes first' },
  async (t) => {
    const server = await startFakeOptimize({ records: 1500, era: '8.6' })
    t.teardown(() => server.close())
    const folder = t.testdir()
    const exported = async (name: string, flags: readonly string[], env: Record<string, string>) => {
      const script = `import { createWriteStream } from 'node:fs'
      import { pipeline } from 'node:stream/promises'
      import { exportStream, toCsv, toNdjson, toParquet } from './dist/index.js'
      const source = () => exportStream({ baseUrl: '${server.url}', reportId: '${server.reportId}', accessToken: 'demo' })
      const file = (name) => createWriteStream('${folder}/${name}.' + name)
      console.log(typeof WebAssembly)
      await pipeline(source(), toCsv(), file('csv'))
      await pipeline(source(), toNdjson(), file('ndjson'))
      await pipeline(source(), toParquet(), file('parquet'))
      await pipeline(source(), toParquet({ codec: 'zstd' }), file('zstd'))
        .then(() => console.log('zstd'), ({ code, message }) => console.log(code, message))`
      const argv = [...flags, '--input-type=module', '-e', script]
      const { stdout } = await run(process.execPath, argv, { env: { PATH: process.env['PATH'], ...env } })
      return stdout.trim().split('\n')
    }
    const bytesOf = (name: string, format: string) => readFile(join(folder, `${name}.${format}`))
    t.strictSame(await exported('fast', [], {}), ['object', 'zstd'])
    const { rows } = await readBytesWithDuckdb(await bytesOf('fast', 'parquet'))
    t.equal(rows.length, 1500)
    for (const { name, flags, env, webAssembly } of ways) {
      const needsWebAssembly = webAssembly === 'undefined' && !('zstdCompressSync' in zlib)
      t.match(await exported(name, flags, env), [
        webAssembly,
        needsWebAssembly ? 'ERR_ENCODE toParquet: codec "zstd" needs Node.js 22.15 or later, or WebAssembly' : /^zstd$/,
      ])
      for (const format of ['csv', 'ndjson'])
        t.ok((await bytesOf('fast', format)).equals(await bytesOf(name, format)), `${name}: ${format}`)
      t.strictSame((await readBytesWithDuckdb(await bytesOf(name, 'parquet'))).rows, rows, `${name}: parquet`)
    }
  },
)
