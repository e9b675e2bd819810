// Fetches the pages with node-fetch without parsing them. No export over node-fetch can be faster.
import type { CaseInput, Work } from '../harness/case-types.js'
import { readFirstPage } from '../case-helpers/columns.js'
import { fetchPageBytes, countRecords } from '../case-helpers/pages.js'

export async function open(input: CaseInput): Promise<Work> {
  await readFirstPage(input) // opens the connection, as in the other cases
  return async () => {
    let rows = 0
    let bytes = 0
    for await (const page of fetchPageBytes(input, input.options.source?.limit)) {
      rows += countRecords(page)
      bytes += page.length
    }
    return { rows, figures: { bytes } }
  }
}
