// npm run proof:engine [-- facts | promises]: the facts about searches on a real OpenSearch and on the fake server, and the
// promises of the library against the real one. Needs Java 17 or later and Maven. Exits with 1 when something is broken.
import { Report } from '../support/report.js'
import { EngineServer, FakeServer, RECORDS, type FactServer } from './fact-server.js'
import { factsOfKeepAlive } from './facts-of-keep-alive.js'
import { factsOfPages } from './facts-of-pages.js'
import { factsOfShards } from './facts-of-shards.js'
import { OpenSearch } from './opensearch.js'
import { provePromises } from './promises.js'

const parts = process.argv.slice(2)
const unknown = parts.filter((part) => part !== 'facts' && part !== 'promises')
if (unknown.length > 0) throw new Error(`there is no part ${unknown.join(', ')}; there are facts and promises`)
const asked = (part: string) => parts.length === 0 || parts.includes(part)

for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const)
  process.once(signal, () => process.exit(code))

const report = new Report()
const started = performance.now()
// the engine looks for expired searches every minute by default
const engine = await OpenSearch.start({ 'search.keep_alive_interval': '200ms' })
const seconds = ((performance.now() - started) / 1000).toFixed(1)
process.stdout.write(`OpenSearch answers at ${engine.url} after ${seconds} s\n`)

const real = new EngineServer(engine)
for (const shards of [1, 3]) await real.index({ shards })
process.stdout.write(`two indices of ${RECORDS} records, with one shard and with three\n`)
if (asked('facts')) {
  await proveShared(new FakeServer())
  await proveShared(real)
  report.heading('facts: OpenSearch alone')
  for (const { title, notFaked, see } of factsOfShards)
    await report.check(`${title}\n                  (not on the fake server: ${notFaked})`, () => see(real))
}
if (asked('promises')) await provePromises(report, real)
await engine.close()
process.exitCode = report.finish()

async function proveShared(server: FactServer): Promise<void> {
  report.heading(`facts: ${server.name}`)
  for (const { title, see } of [...factsOfPages, ...factsOfKeepAlive]) await report.check(title, () => see(server))
}
