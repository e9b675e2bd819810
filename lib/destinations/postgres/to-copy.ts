// Creates the encoder of the load files for PostgreSQL: the rows in the binary format of COPY.
import { columnRules, createColumnPlan } from '../../encode/column-options.js'
import { createStats, type Encoder } from '../../encode/encoder.js'
import { EncoderStream } from '../../encode/encoder-stream.js'
import { TableEncoder } from '../../encode/table/table-encoder.js'
import type { LoadEncoderOptions } from '../../load/load-destination.js'
import { resolveOptions } from '../../shared/options.js'
import { CopyFormat } from './copy-format.js'
import { throwIfNotStorable } from './postgres-text.js'

export function toCopy(options: LoadEncoderOptions, replacesInvalidText: boolean): Encoder {
  const { naming, pick, omit, types, inferTypes, hasJsonVariables } = options
  if (!replacesInvalidText) for (const name of pick ?? []) throwIfNotStorable('postgres', name)
  const mapFields = hasJsonVariables ? ['variables'] : []
  const columnOptions = resolveOptions('postgres', { columns: 'all', naming, pick, omit }, columnRules)
  const plan = createColumnPlan('postgres', columnOptions, Object.keys(types))
  const typePlan = { types, inferTypes, earlierColumns: new Map(), mapFields, canWriteNested: false }
  const stats = createStats()
  return new EncoderStream('postgres', stats, (emit, context) => {
    const format = new CopyFormat('postgres', typePlan, replacesInvalidText, stats, emit)
    return new TableEncoder(plan, format, stats, context, mapFields)
  })
}
