// What a text with escapes stands for, without a string in between.

const BACKSLASH = 92

/** The byte behind each letter that may follow a backslash; 0 for `u`. */
const meanings = new Uint8Array(128)
for (const letter of '"\\/bfnrt') meanings[letter.charCodeAt(0)] = (JSON.parse(`"\\${letter}"`) as string).charCodeAt(0)

/**
 * Writes the text that these bytes stand for, the inside of a JSON string, as UTF-8, and returns where it ends: no later than
 * without escapes. Returns -1 where there is an escape by number, such as `\u00e9`.
 */
export function unescaped(bytes: Uint8Array, start: number, stop: number, out: Uint8Array, end: number): number {
  let to = end
  for (let at = start; at < stop; at++) {
    let byte = bytes[at]!
    if (byte === BACKSLASH) {
      byte = meanings[bytes[++at]!]!
      if (byte === 0) return -1
    }
    out[to++] = byte
  }
  return to
}
