// npm run proof:engine [-- PART… | --short]: the facts about searches on a real OpenSearch and on the fake server, and the promises
// of the library on the real one. Needs Java 17 or later and Maven. Exits with 1 if something is broken.
import { Report } from '../support/report.js'
import { selectParts, exitOnSignals, type Choice } from '../support/turn.js'
import type { EngineFact, SharedFact } from './fact.js'
import { EngineServer, FakeServer, RECORDS } from './fact-server.js'
import { factsOfKeepAlive } from './facts-of-keep-alive.js'
import { factsOfPages } from './facts-of-pages.js'
import { factsOfEngine, factsOfShards, slowFactsOfEngine } from './facts-of-shards.js'
import { OpenSearch } from './opensearch.js'
import { promises } from './promises.js'

interface Part extends Choice {
  /** `facts: pages`, `promises: slow sinks` and so on. */
  readonly name: string
  prove(report: Report, real: EngineServer): Promise<void>
}

const parts: readonly Part[] = [
  { ...shared('pages', factsOfPages), short: 'always' },
  shared('keep-alive', factsOfKeepAlive),
  shared('lost shards', factsOfShards),
  engineOnly('engine', factsOfEngine),
  { ...engineOnly('reaper', slowFactsOfEngine), short: 'never' },
  ...promises.map(({ name, prove }) => withHeading(`promises: ${name}`, prove)),
]

const chosen = selectParts(parts, process.argv.slice(2))

exitOnSignals()

const report = new Report()
const started = performance.now()
// the engine looks for expired searches every minute by default
const engine = await OpenSearch.start({ 'search.keep_alive_interval': '200ms' })
const seconds = ((performance.now() - started) / 1000).toFixed(1)
process.stdout.write(`OpenSearch ${await engine.version()} answers at ${engine.url} after ${seconds} s\n`)

const real = new EngineServer(engine)
for (const shards of [1, 3]) await real.index({ shards })
process.stdout.write(`two indices of ${RECORDS} records, with one shard and with three\n`)
for (const part of chosen) await part.prove(report, real)
await engine.close()
process.exitCode = report.finish()

/** Returns the part for facts that both servers must show. */
function shared(name: string, facts: readonly SharedFact[]): Part {
  const prove = async (report: Report, real: EngineServer) => {
    for (const server of [new FakeServer(), real]) {
      report.heading(`facts: ${name}, ${server.name}`)
      for (const { numbers, title, see } of facts)
        await report.check(`${numbers.join(', ')}: ${title}`, () => see(server))
    }
  }
  return { name: `facts: ${name}`, prove }
}

/** Returns the part for facts that only the engine can show. */
function engineOnly(name: string, facts: readonly EngineFact[]): Part {
  return withHeading(`facts: ${name}`, async (report, real) => {
    for (const { numbers, title, notFaked, see } of facts)
      await report.check(
        `${numbers.join(', ')}: ${title}\n                  (not on the fake server: ${notFaked})`,
        () => see(real),
      )
  })
}

function withHeading(name: string, prove: Part['prove']): Part {
  return {
    name,
    async prove(report, real) {
      report.heading(name)
      await prove(report, real)
    },
  }
}
