// The flags of the encoders: every option of toCsv() and toParquet() that is not code, and of flowNodeEvents().
import {
  columnPairs,
  columns,
  escaped,
  switchKind,
  json,
  toKebabCase,
  list,
  number,
  offSwitchKind,
  pairs,
  text,
  word,
  type Flag,
  type FlagGroup,
} from './flags.js'

/** Which fields are left out, in every format. */
export const selectionFlags: FlagGroup = {
  title: 'Selection:',
  flags: [
    {
      name: 'pick',
      placeholder: '<column...>',
      kind: list,
      description: 'only these columns, by their prefixed names',
    },
    {
      name: 'omit',
      placeholder: '<column...>',
      kind: list,
      description: 'all columns but these; a name that no record has is an error',
    },
    { name: 'strict', kind: switchKind, description: 'any name that no record has is an error' },
    {
      name: 'allowUnmatched',
      kind: switchKind,
      description: 'a name in --omit that no record has is a warning, as others are',
    },
  ],
}

const namingFlag: Flag = {
  name: 'naming',
  placeholder: '<prefixed|plain|snake>',
  kind: word,
  description: 'variable:amount, amount or variable_amount; default prefixed',
}

/** Which columns there are; of CSV and of Parquet. */
export const columnFlags: FlagGroup = {
  title: 'Columns (CSV, Parquet):',
  flags: [
    {
      name: 'columns',
      placeholder: '<all|sample|name...>',
      kind: columns,
      description:
        'all: every column there is (default for files); sample: those of the first records (default for -); or a,b,c',
    },
    { name: 'sampleSize', placeholder: '<records>', kind: number, description: 'records of the sample; default 1000' },
    {
      name: 'lateColumns',
      placeholder: '<error|overflow|drop>',
      kind: text,
      description:
        'what becomes of a column after the sample; default error; with it, --columns is sample unless given',
    },
    namingFlag,
  ],
}

export const csvFlags: FlagGroup = {
  title: 'CSV:',
  flags: [
    {
      name: 'header',
      kind: offSwitchKind,
      off: { value: false, description: 'no line with the names of the columns' },
      description: '',
    },
    {
      name: 'delimiter',
      placeholder: '<text>',
      kind: escaped,
      description: "between cells; default ','; '\\t' is a tab",
    },
    {
      name: 'quote',
      placeholder: '<minimal|always>',
      kind: text,
      description: 'which cells are quoted; default minimal',
    },
    { name: 'eol', placeholder: '<lf|crlf>', kind: escaped, description: 'what ends a row; default lf' },
    { name: 'bom', kind: switchKind, description: 'a byte order mark first, for Excel' },
    { name: 'nullValue', placeholder: '<text>', kind: text, description: "what stands for null; default ''" },
    { name: 'emptyAsNull', kind: switchKind, description: "write '' as null" },
    {
      name: 'lineBreaks',
      placeholder: '<keep|space|escape>',
      kind: text,
      description: 'line breaks inside cells; default keep',
    },
    {
      name: 'formulaGuard',
      kind: switchKind,
      description: 'make texts safe that a spreadsheet would take for formulas',
    },
    { name: 'preset', placeholder: '<optimize>', kind: text, description: "byte for byte as Optimize's own download" },
    {
      name: 'stringify',
      placeholder: '<json>',
      kind: json,
      description: 'options of csv-stringify, which then encodes',
    },
  ],
}

export const parquetFlags: FlagGroup = {
  title: 'Parquet:',
  flags: [
    {
      name: 'types',
      placeholder: '<column=type...>',
      kind: columnPairs,
      description: 'string, int64, double, boolean, timestamp or json: variable:amount=int64',
    },
    {
      name: 'typesFrom',
      placeholder: '<receipt>',
      kind: text,
      description: 'columns and types of an earlier file, from its receipt; implies --columns sample',
    },
    { name: 'inferTypes', kind: switchKind, description: 'types of variables from their values; else they are text' },
    {
      name: 'variables',
      placeholder: '<columns|map>',
      kind: text,
      description: 'a column each, or all in one map; default columns',
    },
    { name: 'codec', placeholder: '<snappy|gzip|zstd|uncompressed>', kind: text, description: 'default snappy' },
    { name: 'rowGroupRows', placeholder: '<rows>', kind: number, description: 'rows a row group; default 50000' },
    { name: 'rowGroupBytes', placeholder: '<bytes>', kind: number, description: 'bytes a row group; default 16777216' },
    {
      name: 'metadata',
      placeholder: '<key=value...>',
      kind: pairs('='),
      description: 'key-value metadata of the file',
    },
    {
      name: 'engine',
      placeholder: '<hyparquet-writer|parquetjs-lite>',
      kind: text,
      description: 'default hyparquet-writer',
    },
  ],
}

/** A flag of the event log alone: `--events-delimiter` beside `--delimiter`. */
function toEventFlag(flag: Flag): Flag {
  const { name, off, description } = flag
  return {
    ...flag,
    name: `events.${name}`,
    ...(off ? { off: { ...off, description: `--no-${name} of the event log` } } : {}),
    description: description && `--${toKebabCase(name)} of the event log`,
  }
}

export const eventFlags: FlagGroup = {
  title: 'Event log:',
  flags: [
    {
      name: 'events',
      placeholder: '<file>',
      kind: text,
      description: 'the flow-node instances of the same export, a row each',
    },
    {
      name: 'fields',
      alias: 'event-fields',
      placeholder: '<column...>',
      kind: list,
      description: 'columns of the instance to repeat on every event',
    },
    {
      name: 'events.format',
      placeholder: '<csv|parquet|ndjson>',
      kind: word,
      description: 'default by the extension of --events',
    },
    ...[namingFlag, ...csvFlags.flags, ...parquetFlags.flags].map(toEventFlag),
  ],
}
