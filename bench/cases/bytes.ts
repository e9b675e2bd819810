// Bytes only: node-fetch, and nobody parses. No export can be faster over node-fetch.
import type { CaseInput, Work } from '../lab/case-types.js'
import { firstPage } from '../peers/columns.js'
import { pageBytes, recordsIn } from '../peers/pages.js'

export async function open(input: CaseInput): Promise<Work> {
  await firstPage(input) // as the peers do: the connection stands
  return async () => {
    let rows = 0
    let bytes = 0
    for await (const page of pageBytes(input)) {
      rows += recordsIn(page)
      bytes += page.length
    }
    return { rows, figures: { bytes } }
  }
}
