// Objects of known shapes, and whatever values hold: arrays, their elements, objects of no shape. A place of 0 means that there
// is none, or nesting beyond what recursion should follow.
import { isSame } from './bytes'
import {
  CHILD,
  ELEMENT_ROOT,
  ENDS,
  FLAGS,
  LENGTH,
  LITERAL,
  MARKS,
  NEVER_OBJECT,
  ODD_SHAPE,
  RECORD_ROOT,
  SHAPE,
  SIBLING,
  STARTS,
} from './memory'
import { DIGITS, LOOSE, NESTED, TEXT } from './kinds'
import { bareEnd, cut, foundAs, isWithin, kind, nothingAt, spaceEnd, textEnd } from './tokens'

const QUOTE = 34
const COMMA = 44
const COLON = 58
const OPEN_BRACKET = 91
const CLOSE_BRACKET = 93
const OPEN_BRACE = 123
const CLOSE_BRACE = 125

const MAX_DEPTH = 100

/** Spans kept so far. */
export let spans: i32 = 0
/** The number of the shape of the object found last, and the kinds of its values, LOOSE where its shape is odd. */
export let shape: i32 = 0
export let kinds: i32 = 0
/** An element of an array that is of no known shape; 0 for none. */
export let stranger: usize = 0

/** What is added to a place in memory to have it in the page. */
let origin: i32 = 0
/** LOOSE and DIGITS, where something in the value at hand has them. */
let marks: i32 = 0
/** Elements of no known shape are walked through. */
let walks: bool = false

/** Forgets all spans. */
export function restart(pageOrigin: i32): void {
  origin = pageOrigin
  spans = 0
}

/** Where the record at `at` ends; its spans are kept. */
export function recordEnd(at: usize, isWalking: bool): usize {
  walks = isWalking
  stranger = 0
  return objectEnd(at, RECORD_ROOT, true, 0)
}

/** Forgets the spans from there on. */
export function forgetFrom(span: i32): void {
  spans = span
}

function objectEnd(at: usize, root: usize, keeps: bool, depth: i32): usize {
  let span = spans
  let seen = 0
  let end = at
  let before = root
  let skipped: usize = 0
  let node = load<u32>(root, CHILD) as usize
  while (node != 0) {
    const start = literalEnd(node, end)
    const number = load<i32>(node, SHAPE)
    if (start != 0 && number >= 0) {
      shape = number
      kinds = (load<i32>(node, MARKS) & ODD_SHAPE) == 0 ? seen : seen | LOOSE
      if (keeps) spans = span
      return start
    }
    const next = start == 0 ? start : valueEnd(start, depth)
    if (next == 0) {
      skipped = node
      node = load<u32>(node, SIBLING) as usize
      continue
    }
    if (skipped != 0) moveToFront(before, skipped, node)
    skipped = 0
    if (keeps) {
      const inside = (kind & TEXT) != 0 ? 1 : 0
      store<i32>(STARTS + 4 * span, (start as i32) + origin + inside)
      store<i32>(ENDS + 4 * span, (next as i32) + origin - inside)
      store<u8>(FLAGS + span, kind as u8)
      span++
    }
    seen |= kind
    end = next
    before = node
    node = load<u32>(node, CHILD) as usize
  }
  return 0
}

/** Where the literal of a node ends that stands at `at`. */
function literalEnd(node: usize, at: usize): usize {
  const length = load<i32>(node, LENGTH)
  if (!isWithin(at, length as usize) || !isSame(at, load<u32>(node, LITERAL), length)) return 0
  const end = at + (length as usize)
  return (load<i32>(node, MARKS) & NEVER_OBJECT) != 0 && load<u8>(end) == OPEN_BRACE ? 0 : end
}

/** Shapes take turns, so the one that came last is looked at first. */
function moveToFront(parent: usize, before: usize, node: usize): void {
  store<u32>(before, load<u32>(node, SIBLING), SIBLING)
  store<u32>(node, load<u32>(parent, CHILD), SIBLING)
  store<u32>(parent, node as u32, CHILD)
}

function valueEnd(at: usize, depth: i32): usize {
  const first = load<u8>(at)
  if (first == QUOTE) {
    const closing = textEnd(at + 1)
    return closing == 0 ? 0 : closing + 1
  }
  return first == OPEN_BRACKET || first == OPEN_BRACE ? nestedEnd(at, depth) : bareEnd(at)
}

function nestedEnd(at: usize, depth: i32): usize {
  if (depth == MAX_DEPTH) return 0
  const before = marks
  marks = 0
  const end = load<u8>(at) == OPEN_BRACE ? walkEnd(at, depth + 1) : arrayEnd(at, depth + 1)
  foundAs(NESTED | marks)
  marks = before
  return end
}

function arrayEnd(at: usize, depth: i32): usize {
  let end = space(at + 1)
  if (load<u8>(end) == CLOSE_BRACKET) return end + 1
  let byte: i32 = COMMA
  for (let next = end; byte == COMMA; next = space(end + 1)) {
    end = load<u8>(next) == OPEN_BRACE ? elementEnd(next, depth) : valueEnd(next, depth)
    if (end == 0) return 0
    marks |= kind & (LOOSE | DIGITS)
    end = space(end)
    byte = load<u8>(end)
  }
  return byte == CLOSE_BRACKET ? end + 1 : nothingAt(end)
}

function elementEnd(at: usize, depth: i32): usize {
  const end = objectEnd(at, ELEMENT_ROOT, false, depth)
  if (end != 0) {
    foundAs(kinds)
    return end
  }
  if (walks && !cut) return nestedEnd(at, depth)
  if (stranger == 0) stranger = at
  return 0
}

/** Keys can be there twice, or be integers, which JSON.parse puts first: only a reader that knows the keys can exclude both. */
function walkEnd(at: usize, depth: i32): usize {
  let end = space(at + 1)
  if (load<u8>(end) == CLOSE_BRACE) return end + 1
  let byte: i32 = COMMA
  for (let key = end; byte == COMMA; key = spaceEnd(end + 1)) {
    marks |= LOOSE
    const value = keyEnd(key)
    if (value == 0) return 0
    end = valueEnd(value, depth)
    if (end == 0) return 0
    marks |= kind & DIGITS
    end = spaceEnd(end)
    byte = load<u8>(end)
  }
  return byte == CLOSE_BRACE ? end + 1 : nothingAt(end)
}

/** Where the value behind the key at `at` starts. */
function keyEnd(at: usize): usize {
  if (load<u8>(at) != QUOTE) return nothingAt(at)
  const closing = textEnd(at + 1)
  if (closing == 0) return 0
  const colon = spaceEnd(closing + 1)
  return load<u8>(colon) == COLON ? spaceEnd(colon + 1) : nothingAt(colon)
}

function space(at: usize): usize {
  const end = spaceEnd(at)
  if (end > at) marks |= LOOSE
  return end
}
