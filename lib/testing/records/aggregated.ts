// Reports that are not raw data: number, map and hyper-map (docs/server.md 3.20, 4.2 to 4.4). They have no pages and no cursor.
import { mix } from '../random.js'
import { renderGivenRecord } from './record-source.js'
import type { FakeSettings } from '../options/fake-settings.js'
import { countries, flowNodes } from './generated-values.js'

/** The `data` of a report as JSON text, and the number of records in the envelope. */
export interface Aggregate {
  /** Undefined if the field is absent. */
  readonly data: string | undefined
  readonly count: number
}

/** Evaluates the report over `records` instances; maps have that many entries. The option `data` replaces the entries or the number. */
export function aggregate({ report, seed, noData, data }: FakeSettings, records: number): Aggregate {
  if (noData) return { data: undefined, count: 0 }
  if (report === 'number') return { data: data ? renderGivenRecord(data, 0) : formatDouble(records), count: 1 }
  const renderValue = report === 'hyperMap' ? renderPairs : renderMapValue
  const renderRecord = (n: number) =>
    data ? renderGivenRecord(data, n) : renderEntry(n, records, renderValue(seed, n))
  return { data: `[${Array.from({ length: records }, (_, n) => renderRecord(n)).join(',')}]`, count: records }
}

/** Formats a number as Java formats a double: always with decimals. */
const formatDouble = (value: number) => (Number.isInteger(value) ? `${value}.0` : String(value))

function renderEntry(n: number, records: number, value: string): string {
  if (n > 0 && n === records - 1) return `{"key":"missing","value":${value},"label":"missing"}`
  const { id, name } = flowNodes[n % flowNodes.length]!
  const round = Math.floor(n / flowNodes.length)
  const key = round === 0 ? id : `${id}_${round + 1}`
  return `{"key":"${key}","value":${value},"label":${JSON.stringify(round === 0 ? name : key)}}`
}

const renderMapValue = (seed: number, n: number) => (n % 7 === 3 ? 'null' : formatDouble((mix(seed, n) % 100_000) / 4))

function renderPairs(seed: number, n: number): string {
  const pairs = countries
    .slice(0, 1 + (n % 3))
    .map((country, k) => `{"key":"${country}","value":${renderMapValue(seed, n * 3 + k)},"label":"${country}"}`)
  return `[${pairs.join(',')}]`
}
