import t from 'tap'
import { ExportError } from '../../lib/index.js'
import {
  findBlindRepeats,
  csvSink,
  faultRows,
  modes,
  getRowName,
  pagePositions,
  formatMatrix,
  getExpectedOutcome,
  runCell,
  type CellResult,
  type PagePosition,
} from '../support/faults/fault-matrix.js'

const results: CellResult[] = []

for (const row of faultRows) {
  t.test(`${getRowName(row)} has the promised outcome on every page`, async (t) => {
    for (const place of Object.keys(pagePositions) as PagePosition[]) {
      for (const mode of modes) {
        const cell = await runCell(row, place, mode, csvSink)
        const name = `${place} page, ${mode}`
        results.push(cell)
        t.equal(cell.outcome, getExpectedOutcome(row, place, mode), name)
        if (cell.error === undefined)
          t.strictSame(cell.ids.toSorted(), cell.expectedIds.toSorted(), `${name}: each id once`)
        else t.ok(cell.error instanceof ExportError, `${name}: a typed error`)
        t.strictSame(findBlindRepeats(cell), [], `${name}: no cursor asked for again in doubt`)
        t.ok(cell.requests.length <= 12, `${name}: ${cell.requests.length} requests`)
        t.equal(cell.stats.complete, cell.error === undefined, name)
        t.equal(cell.stats.endedBy, cell.error === undefined ? 'end' : 'error', name)
      }
    }
  })
}

t.teardown(() => t.comment(`\n${formatMatrix(results)}`))
