// Encodes the searchRequestId. Like a scroll id of Elasticsearch it is base64 that must be percent-encoded, because it has `+`, `/`
// and `=`. It begins like the one in Camunda's documentation.

const prefixBytes = Buffer.from('\x14include_context_uuid\rqueryThenFetch\x01\x14\x16', 'latin1')
// base64: `+/++++/v`
const unsafeBytes = Buffer.from([0xfb, 0xff, 0xbe, 0xfb, 0xef, 0xbf])

export interface Cursor {
  /** The number of the search, from 1. */
  readonly searchNumber: number
  /** How often the id of that search has changed. */
  readonly revision: number
}

export function encodeCursor({ searchNumber, revision }: Cursor, minBytes: number): string {
  const head = Buffer.concat([prefixBytes, unsafeBytes, Buffer.from(`#${searchNumber}.${revision}#`)])
  const padding = Buffer.alloc(Math.max(0, minBytes - head.length), 'node-3PsgWhdzR0m')
  const ending = Buffer.alloc(1 + ((3 - ((head.length + padding.length) % 3)) % 3), 0xff)
  return Buffer.concat([head, padding, ending]).toString('base64')
}

/** Returns the cursor, or `undefined` if the text is not a searchRequestId of this server. */
export function decodeCursor(text: string): Cursor | undefined {
  const bytes = Buffer.from(text, 'base64')
  if (!bytes.subarray(0, prefixBytes.length).equals(prefixBytes)) return undefined
  const [, searchNumber, revision] = /#(\d+)\.(\d+)#/.exec(bytes.toString('latin1')) ?? []
  return searchNumber === undefined ? undefined : { searchNumber: Number(searchNumber), revision: Number(revision) }
}
