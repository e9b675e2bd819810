// Writes dates of Optimize's API as java.time.OffsetDateTime does: without milliseconds if they are 0, without seconds if both are 0, and
// with `Z` for an offset of 0. The authority is `formatOffsetDateTime` in `encode/csv/optimize-preset.ts`.
import { PLUS, MINUS, COLON, CAPITAL_Z } from '../../../shared/ascii'
import { API_DATE_BYTES } from '../../../shared/api-date'
import { GrowingBytes } from '../../common/kernel/growing-bytes'

const ZEROS_2: u16 = 0x3030
const ZEROS_4: u32 = 0x30303030
const THREE_BYTES: u32 = 0xffffff

/** The start of the second half, which overlaps the first half because 16 bytes are compared at a time. */
const SECOND_HALF: usize = API_DATE_BYTES - 16
// positions in `2021-12-02T17:21:49.330+0200`
const MINUTES_END: usize = 16
const SECONDS: usize = 17
const MILLISECONDS: usize = 20
const ZONE: usize = 23
/** At least the number of bytes that are written, some of them after the end of the date. */
const MAX_WRITTEN_BYTES = 48

export const date = new GrowingBytes()
date.reserve(MAX_WRITTEN_BYTES)

/** Writes the date of a text `yyyy-MM-ddTHH:mm:ss.SSS+0200` into {@link date}. Returns false for every other text. */
export function writeOffsetDateTime(at: usize, length: i32): bool {
  if (length != API_DATE_BYTES || !isApiDate(at)) return false
  const hasMilliseconds = (load<u32>(at, MILLISECONDS) & THREE_BYTES) != (ZEROS_4 & THREE_BYTES)
  let to = date.at + MINUTES_END
  v128.store(date.at, v128.load(at))
  if (hasMilliseconds || load<u16>(at, SECONDS) != ZEROS_2) {
    // this also writes the point and the milliseconds; if the milliseconds are 0, the zone is written over them
    store<u64>(to, load<u64>(at, MINUTES_END))
    to += hasMilliseconds ? 7 : 3
  }
  if (load<u32>(at, ZONE + 1) == ZEROS_4) store<u8>(to++, CAPITAL_Z)
  else {
    store<u32>(to, load<u32>(at, ZONE))
    store<u8>(to, COLON, 3)
    store<u16>(to, load<u16>(at, ZONE + 3), 4)
    to += 6
  }
  date.length = (to - date.at) as i32
  return true
}

/** Returns whether the bytes have the form of a date of the API: each equals the byte of a template, in which `0` stands for any digit. */
function isApiDate(at: usize): bool {
  const first = v128.load(at)
  const second = v128.load(at, SECOND_HALF)
  // 0000-00-00T00:00 and 0:00:00.000+0000
  const firstTemplate = i8x16(48, 48, 48, 48, 45, 48, 48, 45, 48, 48, 84, 48, 48, 58, 48, 48)
  const secondTemplate = i8x16(48, 58, 48, 48, 58, 48, 48, 46, 48, 48, 48, 43, 48, 48, 48, 48)
  const sign = load<i8>(at, ZONE)
  return (
    hasForm(first, firstTemplate) &&
    hasForm(i8x16.replace_lane(second, 11, PLUS as i8), secondTemplate) &&
    (sign == PLUS || sign == MINUS)
  )
}

function hasForm(bytes: v128, template: v128): bool {
  return i8x16.all_true(v128.or(i8x16.eq(bytes, template), v128.and(findDigits(bytes), findDigits(template))))
}

function findDigits(bytes: v128): v128 {
  return i8x16.lt_u(i8x16.sub(bytes, i8x16.splat(48)), i8x16.splat(10))
}
