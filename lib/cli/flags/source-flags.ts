// The flags of the source: the address of Optimize, the access to it, and all options of exportStream() that can be written as text.
import {
  sizeKind,
  millisecondsKind,
  numberKind,
  numberPairsKind,
  oneOf,
  pairsKind,
  secondsKind,
  switchKind,
  textKind,
  trimmedKind,
  type Flag,
  type FlagGroup,
} from './flags.js'

export const serverFlags: FlagGroup = {
  title: 'Optimize:',
  topic: 'access',
  flags: [
    {
      name: 'url',
      alias: 'base-url',
      placeholder: '<url>',
      kind: trimmedKind,
      description: 'the address in the browser up to /#/ (OPTIMIZE_URL)',
    },
    {
      name: 'tokenFile',
      placeholder: '<file>',
      kind: textKind,
      description: 'a file with the token, read again after a refusal (OPTIMIZE_TOKEN_FILE)',
    },
    {
      name: 'clientId',
      placeholder: '<id>',
      kind: trimmedKind,
      description: 'the client id of client credentials, which replace a token (OPTIMIZE_CLIENT_ID)',
    },
    {
      name: 'tokenUrl',
      placeholder: '<url>',
      kind: trimmedKind,
      description:
        'the token endpoint for client credentials (OPTIMIZE_TOKEN_URL); the secret is OPTIMIZE_CLIENT_SECRET',
    },
    {
      name: 'audience',
      placeholder: '<name>',
      kind: trimmedKind,
      description: 'the audience to request from --token-url (OPTIMIZE_AUDIENCE)',
    },
    { name: 'scope', placeholder: '<name>', kind: trimmedKind, description: 'the scope to request (OPTIMIZE_SCOPE)' },
    {
      name: 'tokenFormat',
      ...oneOf('form', 'json'),
      description:
        'format of the token request; default json at login.cloud.camunda.io, else form (OPTIMIZE_TOKEN_FORMAT)',
    },
    {
      name: 'tokenAuth',
      ...oneOf('body', 'basic'),
      description:
        'how client id and secret are sent: in the body or as HTTP Basic; default body (OPTIMIZE_TOKEN_AUTH)',
    },
    {
      name: 'token',
      alias: 'access-token',
      placeholder: '<token>',
      kind: trimmedKind,
      description: 'refused, because other users of the machine can see it; use OPTIMIZE_TOKEN or --token-file',
    },
    { name: 'insecureTokenArgument', kind: switchKind, description: 'accept --token anyway' },
    {
      name: 'config',
      placeholder: '<file>',
      kind: textKind,
      description: 'JSON with settings by name, such as {"url": "…", "limit": 500}',
    },
  ],
}

export const headersFlag: Flag = {
  name: 'headers',
  alias: 'header',
  placeholder: '<name:value...>',
  kind: pairsKind(':'),
  description: 'headers to send with the requests to Optimize',
}

/** The flags of a request for a list: those of the server, and headers. */
export const listRequestFlags: FlagGroup = { ...serverFlags, flags: [...serverFlags.flags, headersFlag] }

export const sourceFlags: FlagGroup = {
  title: 'Requests:',
  topic: 'requests',
  flags: [
    {
      name: 'limit',
      placeholder: '<records>',
      kind: numberKind,
      description: 'records per page, 1 to 10000; default 1000; to export only some records, use --max-records',
    },
    {
      name: 'paginationTimeout',
      placeholder: '<time>',
      kind: secondsKind,
      description:
        'how long the server keeps the search open between pages, at least 60s; default 120s, grows automatically',
    },
    {
      name: 'maxPaginationTimeout',
      placeholder: '<time>',
      kind: secondsKind,
      description: 'upper limit of --pagination-timeout; default 1h; a number without a unit is seconds',
    },
    {
      name: 'prefetch',
      placeholder: '<pages>',
      kind: numberKind,
      description: 'pages fetched ahead; default 1; 0 with --max-records, and in inspect and doctor',
    },
    {
      name: 'timezone',
      placeholder: '<zone>',
      kind: trimmedKind,
      off: { value: null, description: 'dates in the time zone of the server' },
      description: 'the time zone of dates; default UTC',
    },
    {
      name: 'requestTimeout',
      placeholder: '<time>',
      kind: millisecondsKind,
      description: 'time limit for one request and its answer; default 120s; a number without a unit is milliseconds',
    },
    {
      name: 'retry',
      placeholder: '<name=number...>',
      kind: numberPairsKind,
      description: 'the three flags --retry-… in one: attempts=5 minDelay=500 maxDelay=30000',
    },
    {
      name: 'retry.attempts',
      placeholder: '<count>',
      kind: numberKind,
      description: 'tries of a request that is safe to repeat; default 5',
    },
    {
      name: 'retry.minDelay',
      placeholder: '<time>',
      kind: millisecondsKind,
      description:
        'the wait before the second try is random, from 0 to this time; the limit doubles with each try; default 500ms',
    },
    {
      name: 'retry.maxDelay',
      placeholder: '<time>',
      kind: millisecondsKind,
      description: 'upper limit of the wait between two tries; default 30s',
    },
    {
      name: 'recovery',
      ...oneOf('restart', 'fail'),
      description: 'if a page may be lost: start a new search and skip known records, or fail; default restart',
    },
    {
      name: 'maxRestarts',
      placeholder: '<count>',
      kind: numberKind,
      description: 'the number of new searches before the export fails; default 3',
    },
    {
      name: 'verifyTotal',
      kind: switchKind,
      description:
        'compare the total with that of a second search at the end; for reports that do not grow during the export',
    },
    {
      name: 'maxRecords',
      placeholder: '<count>',
      kind: numberKind,
      description: 'stop after this number of records; default: no limit',
    },
    {
      name: 'maxPageBytes',
      placeholder: '<size>',
      kind: sizeKind,
      description: 'refuse a larger page; default 512MiB; a number without a unit is bytes',
    },
    headersFlag,
    {
      name: 'tokenIn',
      ...oneOf('header', 'query'),
      description: 'where the token is sent; query is for Optimize 3.7 only; default header',
    },
    { name: 'highWaterMark', placeholder: '<records>', kind: numberKind, description: 'records to buffer; default 16' },
  ],
}
