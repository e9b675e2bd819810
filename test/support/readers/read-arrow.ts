// A third reader that shares no code with the others: Arrow's, in Rust.
import { tableFromIPC, TimeUnit, Type, type DataType, type Field } from 'apache-arrow'
import { readParquet } from 'parquet-wasm'
import type { TableRead } from './read-parquet.js'

/** Reads a Parquet file with Arrow: JSON columns are text, a map is a list of its entries. */
export const readWithArrow = (bytes: Uint8Array): TableRead => readArrowStream(readParquet(bytes).intoIPCStream())

/** Reads a stream of Arrow in the same form. */
export function readArrowStream(bytes: Uint8Array): TableRead {
  const table = tableFromIPC(bytes)
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
  if (type.typeId === Type.Date) return new Date(Number(value))
  if (type.typeId === Type.Decimal)
    return formatDecimal(value as Uint32Array, (type as unknown as { scale: number }).scale)
  const children = type.children as unknown as readonly Field[] | undefined
  if (type.typeId === Type.List)
    return [...(value as Iterable<unknown>)].map((item) => toPlain(item, children![0]!.type as DataType))
  if (type.typeId === Type.Map)
    return [...(value as Iterable<[string, unknown]>)].map(([key, item]) => ({ key, value: item }))
  if (type.typeId !== Type.Struct) return value
  const struct = value as Record<string, unknown>
  return Object.fromEntries(children!.map(({ name, type }) => [name, toPlain(struct[name], type as DataType)]))
}

/** The digits of a decimal, which apache-arrow gives as four words of its two's complement. */
function formatDecimal(words: Uint32Array, scale: number): string {
  const unsigned = words.reduceRight((value, word) => (value << 32n) + BigInt(word), 0n)
  const value = BigInt.asIntN(words.length * 32, unsigned)
  const digits = (value < 0n ? -value : value).toString().padStart(scale + 1, '0')
  return `${value < 0n ? '-' : ''}${digits.slice(0, digits.length - scale)}${scale === 0 ? '' : `.${digits.slice(-scale)}`}`
}
