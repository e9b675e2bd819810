// The floor: node-fetch and JSON.parse, and nothing done with the records. What x = 1 means.
import type { CaseInput, Work } from '../lab/case-types.js'
import { readFirstPage } from '../peers/columns.js'
import { fetchPageRecords } from '../peers/pages.js'

export async function open(input: CaseInput): Promise<Work> {
  await readFirstPage(input) // as the peers do: the connection stands
  return async () => {
    let rows = 0
    for await (const records of fetchPageRecords(input)) rows += records.length
    return { rows }
  }
}
