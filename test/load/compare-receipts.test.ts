// compareReceipts() with values that are not receipts.
import t from 'tap'
import { compareTotals } from '../../lib/load/changes/load-changes.js'
import { compareReceipts } from '../../lib/load/changes/compare-receipts.js'

t.test('what is not a receipt with a schema and a kind has no differences', async (t) => {
  const receipt = { kind: 'process', schema: [] }
  for (const other of [
    undefined,
    5,
    { kind: 'process' },
    { kind: 'process', schema: 5 },
    { kind: 'process', schema: [5] },
    { kind: 'empty', schema: [] },
  ]) {
    t.strictSame(compareReceipts(other, receipt), [])
    t.strictSame(compareReceipts(receipt, other), [])
  }
})

t.test('one record is written in the singular', async (t) => {
  t.match(compareTotals(2, 1), [{ message: 'the report has 1 record, and had 2 in the last complete load' }])
  t.match(compareTotals(3, 2), [{ message: 'the report has 2 records, and had 3 in the last complete load' }])
})
