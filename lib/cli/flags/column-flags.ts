// The flags of columns: those of files, and flags that other groups have too.
import { plainTypes } from '../../schema/types/column-type.js'
import { joinWithOr } from '../output/format-text.js'
import { columnsKind, nameListKind, numberKind, offSwitchKind, oneOf, type Flag, type FlagGroup } from './flags.js'

/** Returns the types in the words of a help line. `decimal` is how it writes the type of decimals. */
export const listTypes = (decimal: string) => joinWithOr([...plainTypes, decimal])

export const namingFlag: Flag = {
  name: 'naming',
  ...oneOf('prefixed', 'plain', 'snake'),
  description: 'variable:amount, amount or variable_amount; default prefixed',
}

export const columnFlags: FlagGroup = {
  title: 'Columns (CSV, Parquet, Arrow, XLSX):',
  topic: 'columns',
  flags: [
    {
      name: 'columns',
      placeholder: '<all|sample|name...>',
      kind: columnsKind,
      description: 'all (default for files), sample (for stdout), or a,b,c',
    },
    {
      name: 'sampleSize',
      placeholder: '<records>',
      kind: numberKind,
      description: 'records of the sample; default 1000',
    },
    {
      name: 'lateColumns',
      ...oneOf('error', 'overflow', 'drop'),
      description: 'what to do with a column first seen after the sample; default error; implies --columns sample',
    },
    namingFlag,
  ],
}

/** The flags of types and names, for commands that infer types and write snake names by default. */
export const inferredColumnFlags: readonly Flag[] = [
  {
    name: 'inferTypes',
    kind: offSwitchKind,
    off: { value: false, description: 'variables are text' },
    description: '',
  },
  {
    ...namingFlag,
    ...oneOf('snake', 'prefixed', 'plain'),
    description: 'variable_amount, variable:amount or amount; default snake',
  },
]

export const eventFieldsFlag: Flag = {
  name: 'fields',
  alias: 'event-fields',
  placeholder: '<column...>',
  kind: nameListKind,
  description: 'columns of the process instance to repeat on every event',
}
