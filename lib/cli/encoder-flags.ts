// The flags of the encoders: every option of toCsv() and toParquet() that is not code, and of flowNodeEvents().
import {
  columnPairs,
  columns,
  escaped,
  isSet,
  json,
  kebab,
  list,
  number,
  onlyOff,
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
    { name: 'pick', takes: '<column...>', kind: list, says: 'only these columns, by their prefixed names' },
    {
      name: 'omit',
      takes: '<column...>',
      kind: list,
      says: 'all columns but these; a name that no record has is an error',
    },
    { name: 'strict', kind: isSet, says: 'any name that no record has is an error' },
    { name: 'allowUnmatched', kind: isSet, says: 'a name in --omit that no record has is a warning, as others are' },
  ],
}

const naming: Flag = {
  name: 'naming',
  takes: '<prefixed|plain|snake>',
  kind: word,
  says: 'variable:amount, amount or variable_amount; default prefixed',
}

/** Which columns there are; of CSV and of Parquet. */
export const columnFlags: FlagGroup = {
  title: 'Columns (CSV, Parquet):',
  flags: [
    {
      name: 'columns',
      takes: '<all|sample|name...>',
      kind: columns,
      says: 'all: every column there is (default for files); sample: those of the first records (default for -); or a,b,c',
    },
    { name: 'sampleSize', takes: '<records>', kind: number, says: 'records of the sample; default 1000' },
    {
      name: 'lateColumns',
      takes: '<error|overflow|drop>',
      kind: text,
      says: 'what becomes of a column after the sample; default error; with it, --columns is sample unless given',
    },
    naming,
  ],
}

export const csvFlags: FlagGroup = {
  title: 'CSV:',
  flags: [
    {
      name: 'header',
      kind: onlyOff,
      off: { value: false, says: 'no line with the names of the columns' },
      says: '',
    },
    { name: 'delimiter', takes: '<text>', kind: escaped, says: "between cells; default ','; '\\t' is a tab" },
    { name: 'quote', takes: '<minimal|always>', kind: text, says: 'which cells are quoted; default minimal' },
    { name: 'eol', takes: '<lf|crlf>', kind: escaped, says: 'what ends a row; default lf' },
    { name: 'bom', kind: isSet, says: 'a byte order mark first, for Excel' },
    { name: 'nullValue', takes: '<text>', kind: text, says: "what stands for null; default ''" },
    { name: 'emptyAsNull', kind: isSet, says: "write '' as null" },
    { name: 'lineBreaks', takes: '<keep|space|escape>', kind: text, says: 'line breaks inside cells; default keep' },
    { name: 'formulaGuard', kind: isSet, says: 'make texts safe that a spreadsheet would take for formulas' },
    { name: 'preset', takes: '<optimize>', kind: text, says: "byte for byte as Optimize's own download" },
    { name: 'stringify', takes: '<json>', kind: json, says: 'options of csv-stringify, which then encodes' },
  ],
}

export const parquetFlags: FlagGroup = {
  title: 'Parquet:',
  flags: [
    {
      name: 'types',
      takes: '<column=type...>',
      kind: columnPairs,
      says: 'string, int64, double, boolean, timestamp or json: variable:amount=int64',
    },
    {
      name: 'typesFrom',
      takes: '<receipt>',
      kind: text,
      says: 'columns and types of an earlier file, from its receipt; implies --columns sample',
    },
    { name: 'inferTypes', kind: isSet, says: 'types of variables from their values; else they are text' },
    {
      name: 'variables',
      takes: '<columns|map>',
      kind: text,
      says: 'a column each, or all in one map; default columns',
    },
    { name: 'codec', takes: '<snappy|gzip|zstd|uncompressed>', kind: text, says: 'default snappy' },
    { name: 'rowGroupRows', takes: '<rows>', kind: number, says: 'rows a row group; default 50000' },
    { name: 'rowGroupBytes', takes: '<bytes>', kind: number, says: 'bytes a row group; default 16777216' },
    { name: 'metadata', takes: '<key=value...>', kind: pairs('='), says: 'key-value metadata of the file' },
    { name: 'engine', takes: '<hyparquet-writer|parquetjs-lite>', kind: text, says: 'default hyparquet-writer' },
  ],
}

/** A flag of the event log alone: `--events-delimiter` beside `--delimiter`. */
function forEvents(flag: Flag): Flag {
  const { name, off, says } = flag
  return {
    ...flag,
    name: `events.${name}`,
    ...(off ? { off: { ...off, says: `--no-${name} of the event log` } } : {}),
    says: says && `--${kebab(name)} of the event log`,
  }
}

export const eventFlags: FlagGroup = {
  title: 'Event log:',
  flags: [
    { name: 'events', takes: '<file>', kind: text, says: 'the flow-node instances of the same export, a row each' },
    {
      name: 'fields',
      alias: 'event-fields',
      takes: '<column...>',
      kind: list,
      says: 'columns of the instance to repeat on every event',
    },
    { name: 'events.format', takes: '<csv|parquet|ndjson>', kind: word, says: 'default by the extension of --events' },
    ...[naming, ...csvFlags.flags, ...parquetFlags.flags].map(forEvents),
  ],
}
