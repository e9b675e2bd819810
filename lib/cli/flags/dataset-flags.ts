import { sizeKind, nameListKind, numberKind, switchKind, type FlagGroup } from './flags.js'

export const datasetFlags: FlagGroup = {
  topic: 'datasets',
  title: 'Dataset (--out folder/ or s3://bucket/folder/, with one of these flags):',
  flags: [
    {
      name: 'partitionBy',
      placeholder: '<column...>',
      kind: nameListKind,
      description: 'one folder per value of a column: tenantId, or startDate:month (or day or year, in UTC)',
    },
    { name: 'fileRows', placeholder: '<rows>', kind: numberKind, description: 'rows per file; default no limit' },
    {
      name: 'fileBytes',
      placeholder: '<size>',
      kind: sizeKind,
      description: 'size at which a file ends, before gzip; default no limit',
    },
    { name: 'append', kind: switchKind, description: 'keep the files of earlier runs; default: replace them' },
  ],
}
