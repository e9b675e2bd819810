import { namesOfFormats } from './formats.js'
import { numberKind, oneOf, secondsKind, switchKind, textKind, type Flag } from './flags.js'

export const quietFlag: Flag = {
  name: 'quiet',
  kind: switchKind,
  description: 'stderr has only errors, and warnings that need a person (a leftover S3 upload)',
}
export const jsonFlag: Flag = {
  name: 'json',
  kind: switchKind,
  description: 'one JSON document on stdout: the result, or the error',
}
export const progressIntervalFlag: Flag = {
  name: 'progressInterval',
  placeholder: '<time>',
  kind: secondsKind,
  description: 'time between two lines of progress, where stderr shows no bars; default 5s',
}

export const outputFlags = {
  title: 'Output:',
  topic: 'output',
  flags: [
    {
      name: 'out',
      placeholder: '<file|folder|s3://…|->',
      kind: textKind,
      description: 'a file, a folder, s3://bucket/key or s3://bucket/folder/; - is stdout',
    },
    {
      name: 'format',
      ...oneOf(...namesOfFormats),
      description: 'default: by extension; folder or -: csv; dataset: parquet',
    },
    {
      name: 'gzip',
      kind: switchKind,
      description:
        'compress the file; an error for Parquet and XLSX, which have their own compression; a name that ends with .gz implies it',
    },
    {
      name: 'concurrency',
      placeholder: '<reports>',
      kind: numberKind,
      description: 'number of reports that are exported at a time; default 1',
    },
    quietFlag,
    jsonFlag,
    progressIntervalFlag,
  ],
}
