// When the instances began. Index 0 is the newest at the start of the server, higher is older, inserted ones are negative:
// startDate descending is the order of the index, with three records sharing each instant, for ties.
import { mix } from './random.js'

const newestMs = Date.UTC(2024, 4, 31, 14, 27, 3, 512)
const spanMs = 180 * 86_400_000
const recordsPerInstant = 3

/** The instant at which instances still running are measured, frozen as a search freezes it. */
export const measuredAtMs = newestMs + 3_600_000

/** The start of each record, epoch ms: half a year, whatever the number of records, so that every export crosses a change to summer time. */
export function createTimeline(seed: number, records: number): (index: number) => number {
  const stepMs = Math.max(1, Math.floor(spanMs / Math.max(1, Math.ceil(records / recordsPerInstant))))
  return (index) => {
    const step = Math.floor(index / recordsPerInstant)
    return newestMs - step * stepMs - (mix(seed, step) % stepMs)
  }
}
