// The flags of `demo`.
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
        'load the process instances into a DuckDB file, not into CSV and Parquet, and query it; needs @duckdb/node-api',
    },
    {
      name: 'serve',
      kind: switchKind,
      description: 'export nothing: run a fake Optimize with five realistic reports until Ctrl-C; 2000 records each',
    },
    { name: 'port', placeholder: '<number>', kind: numberKind, description: 'the port of --serve; default a free one' },
  ],
}
