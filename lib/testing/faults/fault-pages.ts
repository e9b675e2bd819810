// Faults in the records of a page: the cursor has moved, and the status is 200.
import type { FaultOf, faultsOfPage } from './faults.js'

/** The `data` of a page and the record count of its envelope. */
export interface PageData {
  readonly data: Buffer
  readonly count: number
}

const deeplyNested = `${'['.repeat(100_000)}${']'.repeat(100_000)}`
const placeholder = '"invalidUtf8":"??"'

export function corruptPage(
  { kind, rows: difference }: FaultOf<typeof faultsOfPage>,
  records: readonly string[],
): PageData {
  switch (kind) {
    case 'missingRows':
      return toPageData(records.slice(0, -difference))
    case 'wrongCount':
      return { ...toPageData(records), count: records.length + difference }
    case 'nullRecord':
      return toPageData(records.with(getMiddle(records), 'null'))
    case 'deep':
      return toPageData(addField(records, `"deep":${deeplyNested}`))
    case 'invalidUtf8':
      return breakUtf8(toPageData(addField(records, placeholder)))
    case 'emptyPage':
      return toPageData([])
  }
}

export const toPageData = (records: readonly string[]): PageData => ({
  data: Buffer.from(`[${records.join(',')}]`),
  count: records.length,
})

const getMiddle = (records: readonly string[]) => Math.floor(records.length / 2)

/** Adds a field to the beginning of the record in the middle. */
function addField(records: readonly string[], field: string): readonly string[] {
  const at = getMiddle(records)
  const rest = records[at]!.slice(1)
  return records.with(at, `{${field}${rest === '}' ? '' : ','}${rest}`)
}

/** Makes the page invalid UTF-8: 0xC3 needs a second byte, which is missing. */
function breakUtf8(page: PageData): PageData {
  page.data[page.data.indexOf(placeholder) + placeholder.indexOf('?')] = 0xc3
  return page
}
