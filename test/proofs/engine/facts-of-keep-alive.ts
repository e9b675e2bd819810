// Facts about how long searches stay open, and about how many may be open.
import { setTimeout as sleep } from 'node:timers/promises'
import { finding } from '../support/report.js'
import { brief, isGone, withReport, type SharedFact } from './fact.js'
import type { FactReport, FactServer } from './fact-server.js'

/** A `paginationTimeout` of 60 lasts 2.4 s. The engine looks for expired searches every 200 ms here, instead of every minute. */
const SECOND_MS = 40
const waitSeconds = (seconds: number) => sleep(seconds * SECOND_MS) // the engine has a clock of its own

const withShortSeconds = <T>(server: FactServer, shards: number, work: (report: FactReport) => Promise<T>) =>
  withReport(server, { shards, secondMs: SECOND_MS }, work)

/** Returns the answers to requests with one cursor: each comes after a pause in seconds, with its own keep-alive. */
async function askAfterPauses(
  { api }: FactReport,
  first: number,
  steps: readonly (readonly [pause: number, keepAlive: number])[],
) {
  const { cursor } = await api.ask({ limit: 10, paginationTimeout: first })
  const answers = []
  for (const [pause, keepAlive] of steps) {
    await waitSeconds(pause)
    answers.push(await api.next(cursor, keepAlive))
  }
  return answers
}

const expired: SharedFact = {
  numbers: ['3.10'],
  title: 'no request for longer than the keep-alive: 500 "No search context found"',
  see: (server) =>
    withShortSeconds(server, 3, async (report) => {
      const answers = await askAfterPauses(report, 60, [
        [80, 60],
        [0, 60],
      ])
      return finding(answers.every(isGone), answers.map(brief).join('; '))
    }),
}

const renewed: SharedFact = {
  numbers: ['3.8'],
  title: 'each request renews the keep-alive',
  see: (server) =>
    withShortSeconds(server, 3, async (report) => {
      const answers = await askAfterPauses(report, 60, [
        [40, 60],
        [40, 60],
        [40, 60],
      ])
      return finding(
        answers.every(({ status }) => status === 200),
        `3 requests, each at 2/3 of the keep-alive: ${answers.map(brief).join(' ')}`,
      )
    }),
}

const extended: SharedFact = {
  numbers: ['3.8'],
  title: 'a larger keep-alive on a later request extends it',
  see: (server) =>
    withShortSeconds(server, 1, async (report) => {
      const answers = await askAfterPauses(report, 60, [
        [10, 200],
        [100, 60],
      ])
      return finding(
        answers.every(({ status }) => status === 200),
        `60, then 200, and a request 100 later: ${answers.map(brief).join(' ')}`,
      )
    }),
}

const notShortened: SharedFact = {
  numbers: ['3.8'],
  title: 'a smaller keep-alive on a later request does not shorten it',
  see: (server) =>
    withShortSeconds(server, 1, async (report) => {
      const answers = await askAfterPauses(report, 150, [
        [5, 60],
        [100, 60],
      ])
      return finding(
        answers.every(({ status }) => status === 200),
        `150, then 60, and a request 100 later: ${answers.map(brief).join('; ')}`,
      )
    }),
}

const tooLong: SharedFact = {
  numbers: ['1.3', '3.9'],
  title: 'a keep-alive over 24 h is refused with 500',
  see: (server) =>
    withReport(server, {}, async ({ api }) => {
      const answer = await api.ask({ limit: 10, paginationTimeout: 90_000 })
      return finding(answer.status === 500 && /[Kk]eep.?alive/.test(answer.detail), brief(answer))
    }),
}

const tooLongLater: SharedFact = {
  numbers: ['3.9'],
  title: 'a keep-alive that is refused on a later page ends the search',
  see: (server) =>
    withReport(server, {}, async ({ api }) => {
      const { cursor } = await api.ask({ limit: 10 })
      const answers = [await api.next(cursor, 90_000), await api.next(cursor)]
      return finding(answers[0]!.status === 500 && isGone(answers[1]!), answers.map(brief).join('; then '))
    }),
}

const tooShort: SharedFact = {
  numbers: ['1.3'],
  title: 'a paginationTimeout below 60 is refused with 400 by Optimize, and the search stays',
  see: (server) =>
    withReport(server, {}, async ({ api }) => {
      const { cursor } = await api.ask({ limit: 10 })
      const answers = [await api.next(cursor, 59), await api.next(cursor)]
      return finding(answers[0]!.status === 400 && answers[1]!.ids.length === 10, answers.map(brief).join('; then '))
    }),
}

const tooMany: SharedFact = {
  numbers: ['3.13'],
  title: 'too many open searches: 500 "too many scroll contexts", and the open ones go on',
  see: (server) =>
    withReport(server, { maxContexts: 5 }, async ({ api }) => {
      const answers = []
      for (let n = 0; n < 7; n++) answers.push(await api.ask({ limit: 10 }))
      const statuses = answers.map(({ status }) => status).join(' ')
      const later = await api.next(answers[0]!.cursor)
      return finding(
        statuses === '200 200 200 200 200 500 500' &&
          answers[6]!.detail.includes('Trying to create too many scroll contexts') &&
          later.ids.length === 10,
        `at most 5: ${statuses}, ${brief(answers[6]!)}`,
      )
    }),
}

const leftOpen: SharedFact = {
  numbers: ['3.17'],
  title: 'a search that is read to its end stays open until its keep-alive is over',
  see: (server) =>
    withReport(server, {}, async ({ api, ...report }) => {
      const before = await report.openContexts()
      await api.walk(10_000)
      const after = await report.openContexts()
      return finding(after > before, `open searches before ${before}, after ${after}`)
    }),
}

export const factsOfKeepAlive: readonly SharedFact[] = [
  expired,
  renewed,
  extended,
  notShortened,
  tooLong,
  tooLongLater,
  tooShort,
  tooMany,
  leftOpen,
]
