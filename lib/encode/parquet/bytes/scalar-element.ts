import {
  DECIMAL_BYTES,
  getDecimalSize,
  isDecimal,
  isLargeDecimal,
  type DecimalSize,
  type PlainType,
  type ScalarType,
} from '../../../schema/types/column-type.js'

/** Parquet's physical and converted types with their numbers. Source: parquet.thrift of apache/parquet-format. */
export const physicalTypes = {
  BOOLEAN: 0,
  INT32: 1,
  INT64: 2,
  DOUBLE: 5,
  BYTE_ARRAY: 6,
  FIXED_LEN_BYTE_ARRAY: 7,
} as const
export const convertedTypes = { UTF8: 0, MAP: 1, LIST: 3, DECIMAL: 5, DATE: 6, TIMESTAMP_MILLIS: 9, JSON: 19 } as const

export interface ScalarElement {
  readonly type: keyof typeof physicalTypes
  readonly converted_type?: keyof typeof convertedTypes
  readonly logical_type?:
    | { readonly type: 'STRING' | 'JSON' | 'DATE' }
    | { readonly type: 'TIMESTAMP'; isAdjustedToUTC: boolean; unit: 'MILLIS' }
    | ({ readonly type: 'DECIMAL' } & DecimalSize)
  readonly type_length?: number
  readonly precision?: number
  readonly scale?: number
}

export const plainElements: Readonly<Record<PlainType, ScalarElement>> = {
  string: { type: 'BYTE_ARRAY', converted_type: 'UTF8', logical_type: { type: 'STRING' } },
  int64: { type: 'INT64' },
  double: { type: 'DOUBLE' },
  boolean: { type: 'BOOLEAN' },
  timestamp: {
    type: 'INT64',
    converted_type: 'TIMESTAMP_MILLIS',
    logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MILLIS' },
  },
  date: { type: 'INT32', converted_type: 'DATE', logical_type: { type: 'DATE' } },
  json: { type: 'BYTE_ARRAY', converted_type: 'JSON', logical_type: { type: 'JSON' } },
}

export function getScalarElement(type: ScalarType): ScalarElement {
  if (!isDecimal(type)) return plainElements[type]
  const size = getDecimalSize(type)
  const storage: ScalarElement = isLargeDecimal(type)
    ? { type: 'FIXED_LEN_BYTE_ARRAY', type_length: DECIMAL_BYTES }
    : { type: 'INT64' }
  return { ...storage, converted_type: 'DECIMAL', logical_type: { type: 'DECIMAL', ...size }, ...size }
}
