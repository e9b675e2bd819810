// compareReceipts() with values that are not receipts.
import t from 'tap'
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
