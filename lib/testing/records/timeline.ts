// The start times of the instances. Index 0 is the newest instance at the start of the server; higher indexes are older, and
// inserted instances have negative indexes. Three records share each instant, so that there are ties.
import { DAY_MS } from '../../shared/milliseconds.js'
import { mix } from '../random.js'

const newestMs = Date.UTC(2024, 4, 31, 14, 27, 3, 512)
const spanMs = 180 * DAY_MS
const recordsPerInstant = 3

/** The time at which the duration of running instances is measured. */
export const measuredAtMs = newestMs + 3_600_000

/** Returns a function for the start of each record, epoch ms. The times span half a year, with the change to summer time. */
export function createTimeline(seed: number, records: number): (index: number) => number {
  const stepMs = Math.max(1, Math.floor(spanMs / Math.max(1, Math.ceil(records / recordsPerInstant))))
  return (index) => {
    const step = Math.floor(index / recordsPerInstant)
    return newestMs - step * stepMs - (mix(seed, step) % stepMs)
  }
}
