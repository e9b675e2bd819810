// The flags of the encoders: every option of toCsv() and toParquet() that is not code, and of flowNodeEvents().
import {
  columnPairs,
  columns,
  escaped,
  isSet,
  json,
  list,
  number,
  onlyOff,
  pairs,
  text,
  type FlagGroup,
} from './flags.js'

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
    { name: 'naming', takes: '<prefixed|plain>', kind: text, says: 'variable:amount, or amount; default prefixed' },
    { name: 'pick', takes: '<column...>', kind: list, says: 'only these columns, by their prefixed names' },
    { name: 'omit', takes: '<column...>', kind: list, says: 'all but these' },
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
  ],
}
