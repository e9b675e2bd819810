// The flags of the encoders: all options of the encoders that can be written as text.
import { parquetCodecs } from '../../encode/parquet/bytes/codecs.js'
import {
  sizeKind,
  columnPairsKind,
  escapedKind,
  switchKind,
  jsonKind,
  numberKind,
  offSwitchKind,
  oneOf,
  pairsKind,
  textKind,
  trimmedKind,
  type FlagGroup,
} from './flags.js'
import { listTypes } from './column-flags.js'

export const csvFlags: FlagGroup = {
  title: 'CSV:',
  topic: 'csv',
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
      kind: escapedKind,
      description: "the text between cells; default ','; '\\t' is a tab",
    },
    {
      name: 'quote',
      ...oneOf('minimal', 'always'),
      description: 'which cells are quoted; default minimal',
    },
    {
      name: 'eol',
      ...oneOf('lf', 'crlf'),
      kind: escapedKind,
      description: 'the line break after each row; default lf',
    },
    { name: 'bom', kind: switchKind, description: 'start with a byte order mark, for Excel' },
    { name: 'nullValue', placeholder: '<text>', kind: textKind, description: "the text for null; default ''" },
    { name: 'emptyAsNull', kind: switchKind, description: 'write an empty text as null' },
    {
      name: 'lineBreaks',
      ...oneOf('keep', 'space', 'escape'),
      description: 'what to do with line breaks inside cells; default keep',
    },
    {
      name: 'formulaGuard',
      kind: switchKind,
      description: 'make texts safe that a spreadsheet would evaluate as formulas',
    },
    {
      name: 'preset',
      ...oneOf('optimize', 'excel'),
      description:
        'optimize: the same bytes as Optimize\'s own download; excel: CSV that Excel opens with a double click (see --locale); a text that Excel would change, such as 007, becomes ="007"',
    },
    {
      name: 'stringify',
      placeholder: '<json>',
      kind: jsonKind,
      description: 'options for the package csv-stringify, which then writes the CSV',
    },
  ],
}

export const typeFlags: FlagGroup = {
  title: 'Types (Parquet, Arrow, XLSX; for XES and OCEL only of the columns in --fields):',
  topic: 'types',
  flags: [
    {
      name: 'types',
      placeholder: '<column=type...>',
      kind: columnPairsKind,
      description: `types are ${listTypes("'decimal(p,s)'")}; for example variable:amount=int64`,
    },
  ],
}

export const inferenceFlags: FlagGroup = {
  title: 'Types of variables (Parquet, Arrow, XLSX):',
  topic: 'types',
  flags: [
    {
      name: 'inferTypes',
      kind: switchKind,
      off: { value: false, description: 'XLSX: variables are text' },
      description:
        'infer the types of variables from their values; the default for XLSX; for Parquet and Arrow the default is text',
    },
  ],
}

export const spreadsheetFlags: FlagGroup = {
  title: 'Spreadsheets (XLSX, CSV with --preset excel):',
  topic: 'xlsx',
  flags: [
    {
      name: 'locale',
      placeholder: '<language>',
      kind: trimmedKind,
      description: 'such as de or en-US; sets the order of dates in XLSX, and delimiter and decimal sign in CSV',
    },
  ],
}

export const xlsxFlags: FlagGroup = {
  title: 'XLSX:',
  topic: 'xlsx',
  flags: [
    { name: 'sheet', placeholder: '<name>', kind: textKind, description: 'the name of the sheet; default Report' },
    {
      name: 'eventSheet',
      kind: switchKind,
      description: 'a second sheet with one row per flow-node instance; --fields adds columns',
    },
    {
      name: 'sheetRows',
      placeholder: '<rows>',
      kind: numberKind,
      description: 'rows per sheet; default 1048575, the limit of Excel',
    },
  ],
}

export const parquetAndArrowFlags: FlagGroup = {
  title: 'Parquet and Arrow:',
  topic: 'parquet',
  flags: [
    {
      name: 'typesFrom',
      placeholder: '<receipt>',
      kind: textKind,
      description: 'use columns and types of an earlier file, from its receipt; implies --columns sample',
    },
    {
      name: 'variables',
      ...oneOf('columns', 'map'),
      description: 'one column per variable, or one map column; default columns',
    },
    {
      name: 'metadata',
      placeholder: '<key=value...>',
      kind: pairsKind('='),
      description: 'key-value metadata of the file',
    },
  ],
}

export const arrowFlags: FlagGroup = {
  title: 'Arrow:',
  topic: 'arrow',
  flags: [
    { name: 'batchRows', placeholder: '<rows>', kind: numberKind, description: 'rows per record batch; default 50000' },
    { name: 'batchBytes', placeholder: '<size>', kind: sizeKind, description: 'size of a record batch; default 16MiB' },
  ],
}

export const parquetFlags: FlagGroup = {
  title: 'Parquet:',
  topic: 'parquet',
  flags: [
    {
      name: 'codec',
      ...oneOf(...parquetCodecs),
      description: 'the compression; default snappy',
    },
    { name: 'rowGroupRows', placeholder: '<rows>', kind: numberKind, description: 'rows per row group; default 50000' },
    { name: 'rowGroupBytes', placeholder: '<size>', kind: sizeKind, description: 'size of a row group; default 16MiB' },
    {
      name: 'engine',
      ...oneOf('hyparquet-writer', 'parquetjs-lite'),
      description: 'the library that writes the file; default hyparquet-writer',
    },
  ],
}
