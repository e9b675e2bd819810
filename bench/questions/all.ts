// The questions, in the order of RESULTS.md.
import type { Question } from '../harness/question.js'
import { endToEnd } from './end-to-end.js'
import { eventLoop } from './event-loop.js'
import { fileSize } from './file-size.js'
import { formats } from './formats.js'
import { growth } from './growth.js'
import { guardBaseline } from './guard-baseline.js'
import { lateColumns } from './late-columns.js'
import { latency } from './latency.js'
import { options } from './options.js'
import { loads } from './loads.js'
import { stages } from './stages.js'
import { stores } from './stores.js'

export const questions: readonly Question[] = [
  endToEnd,
  stages,
  formats,
  growth,
  latency,
  eventLoop,
  lateColumns,
  options,
  fileSize,
  loads,
  stores,
  guardBaseline,
]

/** The ids of all sections. The soak has a separate command. */
export const sectionIds: readonly string[] = [...questions.map(({ id }) => id), 'soak']
