import { formatMarkdownTable } from '../harness/markdown.js'
import { formatRatio } from '../harness/statistics.js'
import { OURS, PEERS } from './contenders.js'
import type { Ratios } from './end-to-end.js'

interface Goal {
  readonly label: string
  /** Multiples of the floor that the library should reach, for the early and the modern shape. */
  readonly goal?: readonly [number, number]
  /** Multiples of the floor that must not be exceeded. */
  readonly limit?: readonly [number, number]
  /** The contenders that must take at least `by` times as long. */
  readonly aheadOf?: readonly string[]
  readonly by?: number
}

const goals: readonly Goal[] = [
  { label: OURS.csv, goal: [0.6, 0.5], limit: [0.75, 0.65], aheadOf: [PEERS.duckdbCsv] },
  { label: OURS.parquet, goal: [0.85, 0.65], limit: [1.1, 0.85], aheadOf: [PEERS.duckdbParquet] },
  { label: OURS.ndjson, goal: [0.5, 0.4], limit: [0.6, 0.6] },
  { label: OURS.csvByRecord, goal: [1.3, 1.8], aheadOf: [PEERS.fastCsv, PEERS.csvStringify], by: 1.5 },
]

/** Returns a table of the goals and the measured figures. */
export function createVerdicts(ratios: Ratios): string {
  const rows = goals.flatMap((goal) => [createRow(goal, ratios, 0), createRow(goal, ratios, 1)])
  return `### Goals\n\n${formatMarkdownTable(['', 'measured', 'goal', 'limit', 'verdict'], rows)}`
}

function createRow({ label, goal, limit, aheadOf = [], by = 1 }: Goal, ratios: Ratios, shape: 0 | 1): string[] {
  const id = (['early', 'modern'] as const)[shape]
  const getRatio = (name: string) => ratios[id][name] ?? Infinity
  const limits = [
    ...(limit ? [{ text: `≤ ${formatRatio(limit[shape])}`, ratio: limit[shape] }] : []),
    ...aheadOf.map((peer) => ({
      text: `${peer}${by === 1 ? '' : ` / ${by}`} = ${formatRatio(getRatio(peer) / by)}`,
      ratio: getRatio(peer) / by,
    })),
  ]
  const missed = limits.some(({ ratio }) => getRatio(label) > ratio)
  const reached = goal !== undefined && getRatio(label) <= goal[shape]
  const verdict = missed ? '**missed**' : reached ? 'goal reached' : 'within limits'
  return [
    `${label}, ${id}`,
    formatRatio(getRatio(label)),
    goal ? formatRatio(goal[shape]) : '–',
    limits.map(({ text }) => text).join('; '),
    verdict,
  ]
}
