import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { startFakeOptimize } from '../../lib/testing/index.js'

const run = promisify(execFile)

t.test(
  'a process without WebAssembly exports the same CSV and NDJSON, and says why there is no Parquet',
  { skip: existsSync('dist/index.js') ? false : 'runs the build, which npm test makes first' },
  async (t) => {
    const server = await startFakeOptimize({ records: 1500, era: '8.6' })
    t.teardown(() => server.close())
    const folder = t.testdir()
    const exported = async (...flags: string[]) => {
      const script = `import { createWriteStream } from 'node:fs'
      import { pipeline } from 'node:stream/promises'
      import { exportStream, toCsv, toNdjson, toParquet } from './dist/index.js'
      const source = () => exportStream({ baseUrl: '${server.url}', reportId: '${server.reportId}', accessToken: 'demo' })
      const file = (name) => createWriteStream('${folder}/' + name + '${flags.length}')
      console.log(typeof WebAssembly)
      await pipeline(source(), toCsv(), file('csv'))
      await pipeline(source(), toNdjson(), file('ndjson'))
      await pipeline(source(), toParquet(), file('parquet')).catch(({ code, message }) => console.log(code, message))`
      const env = { PATH: process.env['PATH'] }
      const { stdout } = await run(process.execPath, [...flags, '--input-type=module', '-e', script], { env })
      return stdout.trim().split('\n')
    }
    t.strictSame(await exported(), ['object'])
    t.match(await exported('--jitless'), ['undefined', /^ERR_ENCODE toParquet: this process has no WebAssembly/])
    for (const name of ['csv', 'ndjson']) {
      const [one, other] = await Promise.all([0, 1].map((flags) => readFile(join(folder, `${name}${flags}`))))
      t.ok(one!.length > 100_000 && one!.equals(other!), name)
    }
  },
)
