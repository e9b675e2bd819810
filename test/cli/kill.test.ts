// A kill of the installed command at any moment: a file at its path is complete, and a receipt beside it belongs to that file.
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync, watch } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'csv-parse/sync'
import t from 'tap'
import { Random } from '../../lib/testing/random.js'
import { drainEventLoopTurns } from '../support/machine/event-loop-turns.js'
import { install, runInstalled } from '../support/command/installed.js'
import { seed } from '../support/random/property.js'
import { startWatched } from '../support/servers/watched-server.js'

const sha256 = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex')
const receiptOf = (path: string) => JSON.parse(readFileSync(`${path}.json`, 'utf8')) as { sha256: string; rows: number }

/** The number of kills; more kills find rarer faults. */
const KILLS = Number(process.env['KILLS'] ?? 8)
t.setTimeout(60_000 + KILLS * 20_000)

t.test(
  'a kill at any moment never leaves a partial file, or a receipt of another file',
  { timeout: 60_000 + KILLS * 20_000 },
  async (t) => {
    const installed = await install()
    t.teardown(() => installed.remove())
    const { bin } = installed
    const server = await startWatched(t, { records: 1500, cachePages: true })
    const env = { OPTIMIZE_URL: server.url, OPTIMIZE_TOKEN: server.token }
    const folder = t.testdir()
    const [out, events] = [join(folder, 'a.csv'), join(folder, 'e.csv')]
    const argv = ['export', '--report', server.reportId, '--limit', '75', '--out', out, '--events', events]
    t.equal((await runInstalled(bin, argv, env).ended).code, 0)
    const pages = server.requests.length
    const random = new Random()
    const watcher = watch(folder)
    t.teardown(() => watcher.close())
    const changed = async (times: number) => {
      for (let seen = 0; seen < times; seen++) await once(watcher, 'change')
    }
    const rows = { [out]: receiptOf(out).rows, [events]: receiptOf(events).rows }
    const seen = { killed: 0, finished: 0, withoutReceipt: 0, parts: 0 }
    for (let at = 0; at < KILLS; at++) {
      random.startAt(seed, at)
      // every second kill is near the moment when the files are moved into place
      const [request, changes] = at % 2 === 0 ? [1 + random.below(pages), 0] : [pages, 1 + random.below(8)]
      const before = server.requests.length
      const { child, ended } = runInstalled(bin, argv, env)
      await Promise.race([server.received(before + request).then(() => changed(changes)), ended])
      await drainEventLoopTurns(random.below(200))
      child.kill('SIGKILL')
      seen[(await ended).code === 'SIGKILL' ? 'killed' : 'finished']++
      for (const path of [out, events]) {
        t.equal(parse<object>(readFileSync(path), { columns: true }).length, rows[path], 'the file is complete')
        if (existsSync(`${path}.json`)) t.equal(receiptOf(path).sha256, sha256(path), 'the receipt is of this file')
        else seen.withoutReceipt++
      }
      seen.parts += readdirSync(folder).filter((name) => name.endsWith('.part')).length
    }
    t.comment(`${KILLS} kills: ${JSON.stringify(seen)}`)
    t.equal((await runInstalled(bin, argv, env).ended).code, 0)
    t.strictSame(readdirSync(folder).sort(), ['a.csv', 'a.csv.json', 'e.csv', 'e.csv.json'], 'the next run cleans up')
  },
)
