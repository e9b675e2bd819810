// The flags of the source: where Optimize is, the access to it, and every option of exportStream() that is not code.
import { isSet, number, numbers, pairs, text, word, words, type FlagGroup } from './flags.js'

export const server: FlagGroup = {
  title: 'Optimize:',
  flags: [
    {
      name: 'url',
      alias: 'base-url',
      takes: '<url>',
      kind: word,
      says: 'where Optimize is, with its context path or cluster id (OPTIMIZE_URL)',
    },
    { name: 'tokenFile', takes: '<file>', kind: text, says: 'a file with the token; read again when it is refused' },
    { name: 'clientId', takes: '<id>', kind: word, says: 'client credentials instead of a token (OPTIMIZE_CLIENT_ID)' },
    {
      name: 'tokenUrl',
      takes: '<url>',
      kind: word,
      says: 'where client credentials get their token (OPTIMIZE_TOKEN_URL); the secret is OPTIMIZE_CLIENT_SECRET',
    },
    { name: 'audience', takes: '<name>', kind: word, says: 'audience of that token (OPTIMIZE_AUDIENCE)' },
    { name: 'scope', takes: '<name>', kind: word, says: 'scope of that token (OPTIMIZE_SCOPE)' },
    {
      name: 'tokenFormat',
      takes: '<form|json>',
      kind: word,
      says: 'how that token is asked for; default json at login.cloud.camunda.io, else form (OPTIMIZE_TOKEN_FORMAT)',
    },
    {
      name: 'tokenAuth',
      takes: '<body|basic>',
      kind: text,
      says: 'where client and secret are sent: in the body or by HTTP Basic; default body (OPTIMIZE_TOKEN_AUTH)',
    },
    {
      name: 'token',
      alias: 'access-token',
      takes: '<token>',
      kind: word,
      says: 'refused, since everyone on the machine can see it; use OPTIMIZE_TOKEN or --token-file',
    },
    { name: 'insecureTokenArgument', kind: isSet, says: 'take --token all the same' },
    {
      name: 'config',
      takes: '<file>',
      kind: text,
      says: 'JSON with settings by name, such as {"url": "…", "limit": 500}',
    },
  ],
}

export const source: FlagGroup = {
  title: 'Requests:',
  flags: [
    { name: 'limit', takes: '<records>', kind: number, says: 'records a page, 1 to 10000; default 1000' },
    {
      name: 'paginationTimeout',
      takes: '<seconds>',
      kind: number,
      says: 'how long the server keeps our place, at least 60; default 120, grows by itself',
    },
    { name: 'maxPaginationTimeout', takes: '<seconds>', kind: number, says: 'the most it grows to; default 3600' },
    { name: 'prefetch', takes: '<pages>', kind: number, says: 'pages fetched ahead; default 0' },
    {
      name: 'timezone',
      takes: '<zone>',
      kind: word,
      off: { value: null, says: 'the zone of the server' },
      says: 'the zone dates are printed in; default UTC',
    },
    { name: 'requestTimeout', takes: '<ms>', kind: number, says: 'for one request and its body; default 120000' },
    { name: 'retry', takes: '<name=number...>', kind: numbers, says: 'attempts=5 minDelay=500 maxDelay=30000, or:' },
    {
      name: 'retry.attempts',
      takes: '<count>',
      kind: number,
      says: 'tries of a request that is safe to repeat; default 5',
    },
    { name: 'retry.minDelay', takes: '<ms>', kind: number, says: 'before the second try; default 500' },
    { name: 'retry.maxDelay', takes: '<ms>', kind: number, says: 'the most between two tries; default 30000' },
    {
      name: 'recovery',
      takes: '<restart|fail>',
      kind: word,
      says: 'when a page may be lost: a new search that skips what is there, or an error; default restart',
    },
    { name: 'maxRestarts', takes: '<count>', kind: number, says: 'new searches before it fails; default 3' },
    {
      name: 'verifyTotal',
      kind: isSet,
      says: 'compare the total with that of a second search at the end; for reports that do not grow meanwhile',
    },
    { name: 'maxRecords', takes: '<count>', kind: number, says: 'stop after so many records; default: never' },
    { name: 'maxPageBytes', takes: '<bytes>', kind: number, says: 'refuse a larger page; default 536870912' },
    {
      name: 'headers',
      alias: 'header',
      takes: '<name:value...>',
      kind: pairs(':'),
      says: 'headers to send with every request',
    },
    { name: 'tokenIn', takes: '<header|query>', kind: word, says: 'query is for Optimize 3.7 only; default header' },
    { name: 'highWaterMark', takes: '<records>', kind: number, says: 'records buffered; default 16' },
  ],
}

export const report: FlagGroup = {
  title: 'What:',
  flags: [{ name: 'report', alias: 'report-id', takes: '<id...>', kind: words, says: 'the report, or several' }],
}

export const collection: FlagGroup = {
  title: 'What:',
  flags: [{ name: 'collection', alias: 'collection-id', takes: '<id>', kind: word, says: 'the collection' }],
}
