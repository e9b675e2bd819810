// The flags of columns that several groups have.
import { plainTypes } from '../../schema/types/column-type.js'
import { joinWithOr } from '../output/format-text.js'
import { nameListKind, offSwitchKind, oneOf, type Flag } from './flags.js'

/** Returns the types in the words of a help line. `decimal` is how it writes the type of decimals. */
export const listTypes = (decimal: string) => joinWithOr([...plainTypes, decimal])

export const namingFlag: Flag = {
  name: 'naming',
  ...oneOf('prefixed', 'plain', 'snake'),
  description: 'variable:amount, amount or variable_amount; default prefixed',
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
