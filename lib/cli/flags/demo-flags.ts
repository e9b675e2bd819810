import { numberKind, switchKind, textKind, type FlagGroup } from './flags.js'

export const demoFlags: FlagGroup = {
  title: 'Options:',
  flags: [
    { name: 'records', placeholder: '<count>', kind: numberKind, description: 'process instances; default 20000' },
    { name: 'out', placeholder: '<folder>', kind: textKind, description: 'the folder of the files; default out' },
    {
      name: 'load',
      kind: switchKind,
      description:
        'load the process instances into a DuckDB file and query it, instead of writing CSV and Parquet; needs @duckdb/node-api',
    },
    {
      name: 'serve',
      kind: switchKind,
      description: 'run a fake Optimize until Ctrl-C, with five reports (default 2000 records each); export nothing',
    },
    { name: 'port', placeholder: '<number>', kind: numberKind, description: 'the port of --serve; default a free one' },
  ],
}
