// A fact: what a server does with a search, seen from the export API.
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

/** `page 2` for a page that is one of the pages of a search, by its records; else what it is. */
export function pageName(ids: readonly string[], pages: readonly { readonly ids: readonly string[] }[]): string {
  const text = ids.join()
  const at = pages.findIndex((page) => page.ids.join() === text)
  return at < 0 ? `a page of ${ids.length} records that is none of the search` : `page ${at + 1}`
}

/** `3 × page 2, 1 × page 3` */
export function tally(seen: readonly string[]): string {
  const counts = new Map<string, number>()
  for (const one of seen) counts.set(one, (counts.get(one) ?? 0) + 1)
  return [...counts].map(([one, times]) => `${times} × ${one}`).join(', ')
}

/** A context that is gone, in the words of Optimize 8.8. */
export const isGone = ({ status, detail }: { readonly status: number; readonly detail: string }): boolean =>
  status === 500 && /BadRequestException: No search context found for id \[\d+\]/.test(detail)

/** Status and detail of an answer, short. */
export const brief = ({ status, detail }: { readonly status: number; readonly detail: string }): string =>
  status === 200 ? '200' : `${status} ${detail.replace(/^io\.camunda\.[\w.]+\./, '').slice(0, 110)}`

/** Resolves when it is so; looks every 2 ms. */
export async function until(isSo: () => boolean, withinMs = 60_000): Promise<void> {
  const end = performance.now() + withinMs
  while (!isSo()) {
    if (performance.now() > end) throw new Error(`waited ${withinMs} ms in vain`)
    await sleep(2) // a real engine tells of nothing
  }
}
