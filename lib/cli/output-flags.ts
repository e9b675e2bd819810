// The flags of what a command writes: files, and its lines on stdout and stderr.
import { formatNames } from './formats.js'
import { numberKind, pairsKind, secondsKind, switchKind, textKind, type Flag, type FlagGroup } from './flags.js'

export const namesFlag: Flag = {
  name: 'names',
  kind: switchKind,
  description: 'the names of the reports too, after a tab',
}
export const quietFlag: Flag = { name: 'quiet', kind: switchKind, description: 'only errors on stderr' }
export const jsonFlag: Flag = {
  name: 'json',
  kind: switchKind,
  description: 'one JSON document on stdout: the result, or the error',
}
export const progressIntervalFlag: Flag = {
  name: 'progressInterval',
  placeholder: '<time>',
  kind: secondsKind,
  description: 'time between two progress lines if stderr is not a terminal; default 5s',
}

export const outputFlags = {
  title: 'Output:',
  topic: 'output',
  flags: [
    {
      name: 'out',
      placeholder: '<file|folder|s3://…|->',
      kind: textKind,
      description: 'the file, or the folder; s3://bucket/key or s3://bucket/folder/; - is stdout',
    },
    {
      name: 'format',
      placeholder: `<${formatNames.join('|')}>`,
      kind: textKind,
      description: 'default by the extension of --out; csv for - and folders',
    },
    {
      name: 'gzip',
      kind: switchKind,
      description: 'compress the file, if its format is not compressed; implied by a name that ends with .gz',
    },
    {
      name: 'concurrency',
      placeholder: '<reports>',
      kind: numberKind,
      description: 'reports of this command at a time; default 1',
    },
    quietFlag,
    jsonFlag,
    progressIntervalFlag,
  ],
}

export const storeFlags: FlagGroup = {
  title: 'Object store (--out s3://bucket/key):',
  topic: 's3',
  flags: [
    { name: 's3.ifNoneMatch', kind: switchKind, description: 'fail if the object already exists' },
    {
      name: 's3.parameters',
      placeholder: '<name=value...>',
      kind: pairsKind('='),
      description: 'parameters of the object, as the AWS SDK names them: ServerSideEncryption=aws:kms',
    },
  ],
}
