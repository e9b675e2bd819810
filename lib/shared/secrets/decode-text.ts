// Decodes percent-encoding, JSON escapes and HTML entities in text, and remembers the position of each decoded byte.

/** Decoded text as UTF-8. */
export interface DecodedText {
  /**
   * One character per byte. A plus sign becomes a space, because in a query a plus sign may stand for a space. Line breaks are left out,
   * because a server may wrap a long text.
   */
  readonly bytes: string
  /** For each byte the position in the given text from which it was decoded. */
  readonly starts: readonly number[]
  /** For each byte the position after the text from which it was decoded. */
  readonly ends: readonly number[]
}

// any number of "25" after the %: text that was encoded more than once
const encodedPattern =
  /%(?:25)*([0-9a-f]{2})|\\u([0-9a-f]{4})|\\(["\\/bfnrt])|&#x([0-9a-f]{1,6});|&#(\d{1,7});|&(amp|lt|gt|quot|apos);/giy

const escapes: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' }
const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

/** Returns the decoded text; if `isEncoded` is false, only plus signs and line breaks are. */
export function decodeText(text: string, isEncoded = true): DecodedText {
  let bytes = ''
  const starts: number[] = []
  const ends: number[] = []
  for (let at = 0; at < text.length;) {
    encodedPattern.lastIndex = at
    const found = isEncoded ? encodedPattern.exec(text) : null
    const [matched, decoded] = found ? [found[0], decodeMatch(found)] : encodeCharacter(text, at)
    const end = at + matched.length
    if (decoded !== '\n' && decoded !== '\r') {
      for (let byte = 0; byte < decoded.length; byte++) {
        starts.push(at)
        ends.push(end)
      }
      bytes += decoded
    }
    at = end
  }
  return { bytes: bytes.replaceAll('+', ' '), starts, ends }
}

function decodeMatch([, percent, json, escape, hex, decimal, entity]: RegExpExecArray): string {
  if (percent !== undefined) return String.fromCharCode(parseInt(percent, 16))
  if (escape !== undefined) return escapes[escape] ?? escape
  if (entity !== undefined) return entities[entity.toLowerCase()]!
  const code = decimal === undefined ? parseInt((json ?? hex)!, 16) : Number(decimal)
  return toUtf8Bytes(code <= 0x10ffff ? String.fromCodePoint(code) : '\ufffd')
}

function encodeCharacter(text: string, at: number): [string, string] {
  const character = String.fromCodePoint(text.codePointAt(at)!)
  return [character, character < '\x80' ? character : toUtf8Bytes(character)]
}

const toUtf8Bytes = (character: string) => Buffer.from(character).toString('latin1')
