import { pairsKind, switchKind, type FlagGroup } from './flags.js'

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
