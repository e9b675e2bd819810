// Faults of a search. They change its next page, its total, its records, or whether it is open.
import type { Zone } from '../dates.js'
import type { FaultOf, faultsOfSearch } from './faults.js'
import type { PageRenderer, RecordRange } from '../records/page-renderer.js'
import type { SearchContext, ServedPage } from '../server/search-contexts.js'

/** The changes that a fault makes in the search of its request. */
export interface SearchChange {
  /** `expired`: there is no next page, because the search is closed. */
  readonly pageFault?: 'expired' | 'repeated' | 'torn'
  /** How much smaller the total becomes. */
  readonly totalDecrease?: number
  readonly losesShards?: true
}

export function getSearchChange({ kind, rows }: FaultOf<typeof faultsOfSearch>): SearchChange {
  switch (kind) {
    case 'expire':
      return { pageFault: 'expired' }
    case 'repeatPage':
      return { pageFault: 'repeated' }
    case 'tornPage':
      return { pageFault: 'torn' }
    case 'totalShrinks':
      return { totalDecrease: rows }
    case 'shardsLost':
      return { losesShards: true }
  }
}

/** Makes the search smaller from this page on. */
export function shrinkSearch(context: SearchContext, { totalDecrease = 0, losesShards }: SearchChange): void {
  context.total = Math.max(0, context.total - totalDecrease)
  if (!losesShards) return
  context.isPartial = true
  context.total = Math.ceil(context.snapshot.count / 2)
}

/** Returns the records of a page as JSON texts: half of a torn page and half of the next one; if shards are lost, every second record. */
export function renderFaultyPage(
  renderer: PageRenderer,
  page: ServedPage,
  context: SearchContext,
  zone: Zone,
): string[] {
  const { isPartial, snapshot } = context
  const render = (range: RecordRange) =>
    renderer.renderRecords(range, zone).filter((_, n) => !isPartial || (range.start + n - snapshot.start) % 2 === 0)
  if (!page.nextRangeIfTorn) return render(page)
  return [...render(page).filter((_, n) => n % 2 === 0), ...render(page.nextRangeIfTorn).filter((_, n) => n % 2 === 1)]
}
