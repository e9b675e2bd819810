// Reads YAML 1.2 as a tree whose nodes know their line and column.
import {
  isAlias,
  isMap,
  isSeq,
  LineCounter,
  parseDocument,
  type Document,
  type Node,
  type Scalar,
  type YAMLError,
} from 'yaml'
import type { Place, Problem } from './problems.js'

export type YamlNode = YamlScalar | YamlList | YamlMap

export interface YamlScalar {
  readonly kind: 'scalar'
  readonly place: Place
  readonly value: string | number | boolean | null
  /** A text without its quotes. A number or another value as it is written, such as `0123`. */
  readonly text: string
}

export interface YamlList {
  readonly kind: 'list'
  readonly place: Place
  readonly items: readonly YamlNode[]
}

export interface YamlMap {
  readonly kind: 'map'
  readonly place: Place
  readonly entries: readonly YamlEntry[]
}

export interface YamlEntry {
  readonly key: string
  /** The place of the key. */
  readonly place: Place
  readonly value: YamlNode
}

/** Deeper nodes are an error, because an alias inside its own anchor would never end. */
const MAX_DEPTH = 16
/** The nodes of an anchor count again for each alias, so that a few lines cannot become a tree that fills the memory. */
const MAX_NODES = 100_000

/** Returns the tree; undefined for an empty text or after a problem. */
export function parseYaml(text: string): {
  readonly root: YamlNode | undefined
  readonly problems: readonly Problem[]
} {
  const lineCounter = new LineCounter()
  const document = parseDocument(text, {
    version: '1.2',
    lineCounter,
    prettyErrors: false,
    stringKeys: true,
  })
  const getPlace = (offset: number): Place => {
    const { line, col } = lineCounter.linePos(offset)
    return { line, column: col }
  }
  const problems = listProblems(document).map(({ message, pos: [offset] }) => ({ place: getPlace(offset), message }))
  if (problems.length > 0 || document.contents === null) return { root: undefined, problems }
  try {
    return { root: new TreeReader(document, getPlace).read(document.contents, 0), problems: [] }
  } catch (error) {
    return { root: undefined, problems: [error as TreeProblem] }
  }
}

/** A problem that ends the reading. */
class TreeProblem extends Error implements Problem {
  readonly place: Place

  constructor(place: Place, message: string) {
    super(message)
    this.place = place
  }
}

/**
 * Returns the first syntax error only, because others mostly follow from it. If there is none, returns all duplicate keys; if there are
 * none either, all warnings.
 */
function listProblems({ errors, warnings }: Document.Parsed): readonly Pick<YAMLError, 'message' | 'pos'>[] {
  const first = errors.find(({ code }) => code !== 'DUPLICATE_KEY')
  return first ? [first] : errors.length > 0 ? errors : warnings
}

class TreeReader {
  readonly #document: Document
  readonly #getPlace: (offset: number) => Place
  #nodes = 0

  constructor(document: Document, getPlace: (offset: number) => Place) {
    this.#document = document
    this.#getPlace = getPlace
  }

  read(node: Node, depth: number): YamlNode {
    const place = this.#getPlace(node.range![0])
    const target = isAlias(node) ? node.resolve(this.#document) : node
    this.#nodes++
    if (!target) throw new TreeProblem(place, 'no anchor with this name above')
    if (depth > MAX_DEPTH) throw new TreeProblem(place, `expected at most ${MAX_DEPTH} levels`)
    if (this.#nodes > MAX_NODES) throw new TreeProblem(place, `expected at most ${MAX_NODES} values`)
    if (isMap<Node, Node | null>(target))
      return {
        kind: 'map',
        place,
        entries: target.items.map(({ key, value }) => ({
          key: String((key as Scalar).value),
          place: this.#getPlace(key.range![0]),
          value: this.#readValue(value, key, depth),
        })),
      }
    if (isSeq<Node>(target))
      return { kind: 'list', place, items: target.items.map((item) => this.read(item, depth + 1)) }
    const { value, source } = target as { value: YamlScalar['value']; source: string }
    return { kind: 'scalar', place, value, text: typeof value === 'string' ? value : source }
  }

  #readValue(value: Node | null, key: Node, depth: number): YamlNode {
    if (value) return this.read(value, depth + 1)
    return { kind: 'scalar', place: this.#getPlace(key.range![0]), value: null, text: '' }
  }
}
