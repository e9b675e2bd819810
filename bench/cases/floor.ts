// The floor: node-fetch and JSON.parse without any use of the records. `end-to-end`, `formats` and the guard show times as multiples of its time.
import type { CaseInput, Work } from '../harness/case-types.js'
import { readFirstPage } from '../case-helpers/columns.js'
import { fetchPageRecords } from '../case-helpers/pages.js'

export async function open(input: CaseInput): Promise<Work> {
  await readFirstPage(input) // opens the connection, as in the other cases
  return async () => {
    let rows = 0
    for await (const records of fetchPageRecords(input)) rows += records.length
    return { rows }
  }
}
