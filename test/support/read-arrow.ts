// A third reader that shares no code with the others: Arrow's, in Rust.
import { tableFromIPC, TimeUnit, Type, type DataType, type Field } from 'apache-arrow'
import { readParquet } from 'parquet-wasm'
import type { TableRead } from './read-parquet.js'

/** Reads with Arrow: JSON columns are text, a map is a list of its entries. */
export function readWithArrow(bytes: Uint8Array): TableRead {
  const table = tableFromIPC(readParquet(bytes).intoIPCStream())
  const { fields } = table.schema
  const columns = fields.map((field, at) => {
    const vector = table.getChildAt(at)!
    return Array.from({ length: table.numRows }, (_, row) =>
      toPlain(vector.get(row) as unknown, field.type as DataType),
    )
  })
  return {
    names: fields.map(({ name }) => name),
    rows: Array.from({ length: table.numRows }, (_, row) => columns.map((column) => column[row])),
  }
}

function toPlain(value: unknown, type: DataType): unknown {
  if (value === null || value === undefined) return null
  if (type.typeId === Type.Timestamp) {
    if ((type as unknown as { unit: TimeUnit }).unit !== TimeUnit.MILLISECOND) throw new Error('expected milliseconds')
    return new Date(value as number)
  }
  const children = type.children as unknown as readonly Field[] | undefined
  if (type.typeId === Type.List)
    return [...(value as Iterable<unknown>)].map((item) => toPlain(item, children![0]!.type as DataType))
  if (type.typeId === Type.Map)
    return [...(value as Iterable<[string, unknown]>)].map(([key, item]) => ({ key, value: item }))
  if (type.typeId !== Type.Struct) return value
  const struct = value as Record<string, unknown>
  return Object.fromEntries(children!.map(({ name, type }) => [name, toPlain(struct[name], type as DataType)]))
}
