// Writes Parquet files with columns of given types without toParquet(), from rows or from spans.
import { declaredConverters, createInferredConverters } from '../../../lib/encode/typed/convert-cell.js'
import type { TypedColumn } from '../../../lib/encode/typed/decide-column-type.js'
import { parquetCodecs, type ParquetCodec } from '../../../lib/encode/parquet/bytes/codecs.js'
import { engines } from '../../../lib/encode/parquet/engines/engines.js'
import { RowGroupWriter } from '../../../lib/encode/typed/row-group-writer.js'
import type { ColumnType } from '../../../lib/schema/types/column-type.js'
import { parseJson } from '../../../lib/shared/json/json.js'
import { createPropertyReader } from '../../../lib/schema/column.js'
import type { Row } from '../../../lib/shared/types.js'
import { createLayoutRuns, type JsonText } from './layout-runs.js'

const openEngine = new Map(
  await Promise.all(
    parquetCodecs.map(async (codec) => [codec, await engines['hyparquet-writer'].load(codec)] as const),
  ),
)

export interface FilePlan {
  readonly types: Readonly<Record<string, ColumnType>>
  readonly isInferred?: boolean
  readonly codec?: ParquetCodec
  readonly rowGroupRows?: number
  readonly rowGroupBytes?: number
}

export function openFile({
  types,
  isInferred,
  codec = 'snappy',
  rowGroupRows = 50_000,
  rowGroupBytes = 2 ** 24,
}: FilePlan) {
  const columns = Object.entries(types).map(([name, type]): TypedColumn => ({
    id: name,
    name,
    chosen: 'known',
    type,
    read: createPropertyReader(name),
    converters: isInferred ? createInferredConverters() : declaredConverters,
  }))
  const chunks: Buffer[] = []
  const emit = (bytes: Uint8Array) => void chunks.push(Buffer.from(bytes))
  const engine = openEngine.get(codec)!(columns, emit, () => ({ made: 'by test' }))
  const plan = { where: 'toParquet', engine: 'hyparquet-writer', rowGroupRows, rowGroupBytes }
  return {
    engine,
    group: new RowGroupWriter(plan, { rowGroups: 0 }, columns, engine),
    bytes: () => Buffer.concat(chunks),
  }
}

export async function encodeRows(plan: FilePlan, rows: readonly Row[]): Promise<Buffer> {
  const { group, bytes } = openFile(plan)
  await group.append(rows, 1)
  await group.finish()
  return bytes()
}

/** A file of records given as the JSON text of each value, as objects or as spans. */
export async function encodeJsonTexts(
  input: 'cells' | 'spans',
  plan: FilePlan,
  records: readonly (readonly JsonText[])[],
): Promise<Buffer> {
  const keys = Object.keys(plan.types)
  if (input === 'cells')
    return encodeRows(
      plan,
      records.map((raws) => parseRow(keys, raws)),
    )
  const { group, bytes } = openFile(plan)
  await group.appendRuns(createLayoutRuns(keys, records), 1)
  await group.finish()
  return bytes()
}

/** Returns a row that is parsed as one JSON text, so that the digits of its numbers are kept. */
function parseRow(keys: readonly string[], raws: readonly JsonText[]): Row {
  const fields = raws.flatMap((raw, at) => (raw === undefined ? [] : [`${JSON.stringify(keys[at])}:${raw}`]))
  return parseJson(Buffer.from(`{${fields.join(',')}}`)) as Row
}
