// Scans objects with known layouts and their values: arrays, elements of arrays, and objects without a layout. The result 0
// instead of an address means invalid JSON, an unknown layout, nesting that is too deep, or a value that continues after the window.
import { QUOTE, COMMA, COLON, OPEN_BRACKET, CLOSE_BRACKET, OPEN_BRACE, CLOSE_BRACE } from '../../../shared/ascii'
import { isSame } from '../../common/kernel/bytes'
import {
  ALWAYS_LIST,
  NODE_CHILD_OFFSET,
  ELEMENT_ROOT,
  ENDS,
  FLAGS,
  NODE_LENGTH_OFFSET,
  NODE_LITERAL_OFFSET,
  NODE_FLAGS_OFFSET,
  NEVER_OBJECT,
  NON_CANONICAL_LAYOUT,
  RECORD_ROOT,
  NODE_LAYOUT_OFFSET,
  NODE_SIBLING_OFFSET,
  STARTS,
} from './scan-memory'
import { MAX_SCANNED_DEPTH } from '../../../shared/json/json-limits'
import { DIGITS, NON_CANONICAL, NESTED, TEXT } from '../../../spans/span-flags'
import {
  skipNumberOrKeyword,
  isIncomplete,
  setValueFlags,
  isWithin,
  valueFlags,
  failAt,
  skipSpace,
  skipText,
} from './tokens'

export let spanCount: i32 = 0
export let layoutId: i32 = 0
/** The flags of all values of the last object, with NON_CANONICAL if its layout is not canonical. */
export let objectFlags: i32 = 0
/** The address of an array element with an unknown layout; 0 if there is none. */
export let unknownElement: usize = 0

/** Address in memory + `positionOffset` = position in the page. */
let positionOffset: i32 = 0
/** NON_CANONICAL and DIGITS, if something inside the current array or object has them. */
let nestedFlags: i32 = 0
let mayHaveUnknownElements: bool = false

export function resetSpans(newPositionOffset: i32): void {
  positionOffset = newPositionOffset
  spanCount = 0
}

export function scanRecord(at: usize, mayRecordHaveUnknownElements: bool): usize {
  mayHaveUnknownElements = mayRecordHaveUnknownElements
  unknownElement = 0
  return skipKnownObject(at, RECORD_ROOT, true, 0)
}

export function truncateSpans(span: i32): void {
  spanCount = span
}

function skipKnownObject(at: usize, root: usize, isRecord: bool, depth: i32): usize {
  let span = spanCount
  let seenFlags = 0
  let end = at
  let parent = root
  let skippedNode: usize = 0
  let node = load<u32>(root, NODE_CHILD_OFFSET) as usize
  while (node != 0) {
    const start = skipLiteral(node, end)
    const number = load<i32>(node, NODE_LAYOUT_OFFSET)
    if (start != 0 && number >= 0) {
      layoutId = number
      objectFlags =
        (load<i32>(node, NODE_FLAGS_OFFSET) & NON_CANONICAL_LAYOUT) == 0 ? seenFlags : seenFlags | NON_CANONICAL
      if (isRecord) spanCount = span
      return start
    }
    const next = start == 0 ? start : skipValue(start, depth)
    if (next == 0) {
      skippedNode = node
      node = load<u32>(node, NODE_SIBLING_OFFSET) as usize
      continue
    }
    if (skippedNode != 0) moveToFront(parent, skippedNode, node)
    skippedNode = 0
    if (isRecord) {
      const inside = (valueFlags & TEXT) != 0 ? 1 : 0
      store<i32>(STARTS + 4 * span, (start as i32) + positionOffset + inside)
      store<i32>(ENDS + 4 * span, (next as i32) + positionOffset - inside)
      store<u8>(FLAGS + span, valueFlags as u8)
      span++
    }
    seenFlags |= valueFlags
    end = next
    parent = node
    node = load<u32>(node, NODE_CHILD_OFFSET) as usize
  }
  return 0
}

/** Returns the end of the literal of a node, or 0 if the bytes at `at` are another literal, or the value after it is of another type. */
function skipLiteral(node: usize, at: usize): usize {
  const length = load<i32>(node, NODE_LENGTH_OFFSET)
  if (!isWithin(at, length as usize) || !isSame(at, load<u32>(node, NODE_LITERAL_OFFSET), length)) return 0
  const end = at + (length as usize)
  const flags = load<i32>(node, NODE_FLAGS_OFFSET)
  if ((flags & NEVER_OBJECT) != 0 && load<u8>(end) == OPEN_BRACE) return 0
  return (flags & ALWAYS_LIST) != 0 && load<u8>(end) != OPEN_BRACKET ? failAt(end) : end
}

/**
 * Moves a node to the front of its siblings, because layouts often repeat. Does nothing if `previous` is no longer the node before it:
 * a list inside the value has moved nodes of the same siblings.
 */
function moveToFront(parent: usize, previous: usize, node: usize): void {
  if ((load<u32>(previous, NODE_SIBLING_OFFSET) as usize) != node) return
  store<u32>(previous, load<u32>(node, NODE_SIBLING_OFFSET), NODE_SIBLING_OFFSET)
  store<u32>(node, load<u32>(parent, NODE_CHILD_OFFSET), NODE_SIBLING_OFFSET)
  store<u32>(parent, node as u32, NODE_CHILD_OFFSET)
}

function skipValue(at: usize, depth: i32): usize {
  const first = load<u8>(at)
  if (first == QUOTE) {
    const closing = skipText(at + 1)
    return closing == 0 ? 0 : closing + 1
  }
  return first == OPEN_BRACKET || first == OPEN_BRACE ? skipNested(at, depth) : skipNumberOrKeyword(at)
}

function skipNested(at: usize, depth: i32): usize {
  if (depth == MAX_SCANNED_DEPTH) return 0
  const outerFlags = nestedFlags
  nestedFlags = 0
  const end = load<u8>(at) == OPEN_BRACE ? skipGenericObject(at, depth + 1) : skipArray(at, depth + 1)
  setValueFlags(NESTED | nestedFlags)
  nestedFlags = outerFlags
  return end
}

function skipArray(at: usize, depth: i32): usize {
  let end = skipNestedSpace(at + 1)
  if (load<u8>(end) == CLOSE_BRACKET) return end + 1
  let byte: i32 = COMMA
  for (let next = end; byte == COMMA; next = skipNestedSpace(end + 1)) {
    end = load<u8>(next) == OPEN_BRACE ? skipElement(next, depth) : skipValue(next, depth)
    if (end == 0) return 0
    nestedFlags |= valueFlags & (NON_CANONICAL | DIGITS)
    end = skipNestedSpace(end)
    byte = load<u8>(end)
  }
  return byte == CLOSE_BRACKET ? end + 1 : failAt(end)
}

function skipElement(at: usize, depth: i32): usize {
  const end = skipKnownObject(at, ELEMENT_ROOT, false, depth)
  if (end != 0) {
    setValueFlags(objectFlags)
    return end
  }
  if (mayHaveUnknownElements && !isIncomplete) return skipNested(at, depth)
  if (unknownElement == 0) unknownElement = at
  return 0
}

/** Skips an object without a layout. With keys it is non-canonical: they may be duplicates, or integers, which JSON.parse moves. */
function skipGenericObject(at: usize, depth: i32): usize {
  let end = skipNestedSpace(at + 1)
  if (load<u8>(end) == CLOSE_BRACE) return end + 1
  let byte: i32 = COMMA
  for (let key = end; byte == COMMA; key = skipSpace(end + 1)) {
    nestedFlags |= NON_CANONICAL
    const value = skipKey(key)
    if (value == 0) return 0
    end = skipValue(value, depth)
    if (end == 0) return 0
    nestedFlags |= valueFlags & DIGITS
    end = skipSpace(end)
    byte = load<u8>(end)
  }
  return byte == CLOSE_BRACE ? end + 1 : failAt(end)
}

function skipKey(at: usize): usize {
  if (load<u8>(at) != QUOTE) return failAt(at)
  const closing = skipText(at + 1)
  if (closing == 0) return 0
  const colon = skipSpace(closing + 1)
  return load<u8>(colon) == COLON ? skipSpace(colon + 1) : failAt(colon)
}

function skipNestedSpace(at: usize): usize {
  const end = skipSpace(at)
  if (end > at) nestedFlags |= NON_CANONICAL
  return end
}
