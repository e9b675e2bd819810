// Faults of a search. They change its next page, its total, its records, or whether it is open.
import type { Zone } from '../dates.js'
import type { FaultKind, ResolvedFault } from './faults.js'
import type { PageRenderer, RecordRange } from '../records/page-renderer.js'
import type { SearchContext, SearchContexts, ServedPage } from '../server/search-contexts.js'

export const isExpireFault = (fault: ResolvedFault | undefined) => fault?.kind === 'expire'

/**
 * Serves the next page of a search, and renews its keep-alive. With a fault, except on the first page: the previous page again, or parts
 * of this page and of the next one.
 */
export function servePage(
  contexts: SearchContexts,
  context: SearchContext,
  keepAliveSeconds: number,
  fault?: FaultKind,
): ServedPage {
  contexts.renew(context, keepAliveSeconds)
  const { previousPage } = context
  if (previousPage && fault === 'repeatPage') return previousPage
  const range = contexts.advance(context)
  const torn = previousPage && fault === 'tornPage' ? { torn: contexts.advance(context) } : {}
  context.pageCount += 1
  context.previousPage = { ...range, page: context.pageCount, ...torn }
  return context.previousPage
}

/** With one of the faults `totalShrinks` and `shardsLost`, makes the search smaller from this page on. */
export function shrinkSearch(context: SearchContext, fault: ResolvedFault | undefined): void {
  if (fault?.kind === 'totalShrinks') context.total = Math.max(0, context.total - fault.rows)
  if (fault?.kind !== 'shardsLost') return
  context.isPartial = true
  context.total = Math.ceil(context.snapshot.count / 2)
}

/** Returns the records of a page as JSON texts: half of a torn page and half of the next one; if shards are lost, every second record. */
export function renderRecords(renderer: PageRenderer, page: ServedPage, context: SearchContext, zone: Zone): string[] {
  const { isPartial, snapshot } = context
  const render = (range: RecordRange) =>
    renderer.renderRecords(range, zone).filter((_, n) => !isPartial || (range.start + n - snapshot.start) % 2 === 0)
  if (!page.torn) return render(page)
  return [...render(page).filter((_, n) => n % 2 === 0), ...render(page.torn).filter((_, n) => n % 2 === 1)]
}
