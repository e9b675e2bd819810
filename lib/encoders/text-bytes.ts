// Lines of text as chunks of bytes. Each line is encoded by itself: one name beyond Latin-1 would make a whole page of text
// twice as wide, and encoding it several times as slow.

const CHUNK = 64 * 1024
/** UTF-8 has at most this many bytes for a UTF-16 unit. */
const WIDEST = 3

/** The UTF-8 bytes of lines, in chunks of about 64 KiB. */
export function* bytesOf(lines: Iterable<string>): Generator<Buffer> {
  let chunk = Buffer.allocUnsafe(CHUNK)
  let end = 0
  for (const line of lines) {
    const most = line.length * WIDEST
    if (end > 0 && end + most > chunk.length) {
      yield chunk.subarray(0, end)
      chunk = Buffer.allocUnsafe(Math.max(CHUNK, most))
      end = 0
    } else if (most > chunk.length) {
      chunk = Buffer.allocUnsafe(most)
    }
    end += chunk.write(line, end)
  }
  if (end > 0) yield chunk.subarray(0, end)
}
