// The two shapes of records that the benchmarks use.
import type { FakeOptimizeOptions } from '../../lib/testing/index.js'

export interface Shape {
  readonly id: 'early' | 'modern'
  readonly title: string
  readonly server: FakeOptimizeOptions
}

export const shapes: readonly Shape[] = [
  { id: 'early', title: 'early shape (Optimize 3.7: 19 columns, 0.6 kB a record)', server: { era: '3.7' } },
  { id: 'modern', title: 'modern shape (8.6: 31 columns, 1.6 kB a record)', server: { era: '8.6' } },
]
