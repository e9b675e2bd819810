// Faults in the records of a page: the cursor has moved past them, the answer is a 200.
import { faultsOfPage, type ResolvedFault } from './faults.js'

/** The `data` of a page and the count that its envelope says. */
export interface PageData {
  readonly data: Buffer
  readonly count: number
}

const nested = `${'['.repeat(100_000)}${']'.repeat(100_000)}`
const placeholder = '"invalidUtf8":"??"'

export const spoilsPage = (fault: ResolvedFault | undefined): fault is ResolvedFault =>
  faultsOfPage.some((kind) => kind === fault?.kind)

/** The page as the fault leaves it. */
export function spoil({ kind, rows: number }: ResolvedFault, rows: readonly string[]): PageData {
  switch (kind) {
    case 'missingRows':
      return pageOf(rows.slice(0, -number))
    case 'wrongCount':
      return { ...pageOf(rows), count: rows.length + number }
    case 'nullRecord':
      return pageOf(rows.with(middle(rows), 'null'))
    case 'deep':
      return pageOf(withField(rows, `"deep":${nested}`))
    case 'invalidUtf8':
      return withoutUtf8(pageOf(withField(rows, placeholder)))
    default:
      return pageOf([])
  }
}

/** A page of these records. */
export const pageOf = (rows: readonly string[]): PageData => ({
  data: Buffer.from(`[${rows.join(',')}]`),
  count: rows.length,
})

const middle = (rows: readonly string[]) => Math.floor(rows.length / 2)

/** The record in the middle begins with that field. */
function withField(rows: readonly string[], field: string): readonly string[] {
  const at = middle(rows)
  const rest = rows[at]!.slice(1)
  return rows.with(at, `{${field}${rest === '}' ? '' : ','}${rest}`)
}

/** 0xC3 announces a second byte that is not there. */
function withoutUtf8(page: PageData): PageData {
  page.data[page.data.indexOf(placeholder) + placeholder.indexOf('?')] = 0xc3
  return page
}
