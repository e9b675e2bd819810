// A fact: how a server treats a search, as a client of the export API sees it.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Finding } from '../support/report.js'
import type { EngineServer, FactReport, FactServer, ReportPlan } from './fact-server.js'

/** A fact that both servers must show. */
export interface SharedFact {
  /** Its numbers in docs/server.md. */
  readonly numbers: readonly string[]
  readonly title: string
  readonly see: (server: FactServer) => Promise<Finding>
}

/** A fact that only the engine can show. */
export interface EngineFact {
  /** Its numbers in docs/server.md. */
  readonly numbers: readonly string[]
  readonly title: string
  /** Why the fake server cannot show it. */
  readonly notFaked: string
  readonly see: (server: EngineServer) => Promise<Finding>
}

export type Fact = SharedFact | EngineFact

/** Runs the work with a report that is closed afterwards. */
export async function withReport<T>(
  server: FactServer,
  plan: ReportPlan,
  work: (report: FactReport) => Promise<T>,
): Promise<T> {
  const report = await server.open(plan)
  try {
    return await work(report)
  } finally {
    await report.close()
  }
}

/** Returns `page 2` for the records of the second page of a search; for other records, a text that says so. */
export function pageName(ids: readonly string[], pages: readonly { readonly ids: readonly string[] }[]): string {
  const text = ids.join()
  const at = pages.findIndex((page) => page.ids.join() === text)
  return at < 0 ? `a mix of ${ids.length} records that is no page of the search` : `page ${at + 1}`
}

/** Returns the texts with their counts: `3 × page 2, 1 × page 3`. */
export function formatCounts(seen: readonly string[]): string {
  const counts = new Map<string, number>()
  for (const one of seen) counts.set(one, (counts.get(one) ?? 0) + 1)
  return [...counts].map(([one, times]) => `${times} × ${one}`).join(', ')
}

/** Returns whether an answer says that its search has ended, in the words of Optimize 8.8. */
export const isGone = ({ status, detail }: { readonly status: number; readonly detail: string }): boolean =>
  status === 500 && /BadRequestException: No search context found for id \[\d+\]/.test(detail)

/** Returns the status and the beginning of the detail of an answer. */
export const brief = ({ status, detail }: { readonly status: number; readonly detail: string }): string =>
  status === 200 ? '200' : `${status} ${detail.replace(/^io\.camunda\.[\w.]+\./, '').slice(0, 110)}`

/** Resolves when the condition is true; checks it every 2 ms. */
export async function until(condition: () => boolean, withinMs = 60_000): Promise<void> {
  const end = performance.now() + withinMs
  while (!condition()) {
    if (performance.now() > end) throw new Error(`the condition was not true within ${withinMs} ms`)
    await sleep(2) // a real engine sends no events
  }
}
