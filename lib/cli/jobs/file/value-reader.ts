// Reads the values of a jobs file, mostly as values of flags, and collects the problems.
import { offSwitchKind, type Flag, type FlagKind } from '../../flags/flags.js'
import { expandVariables } from './expand-variables.js'
import type { Place, Problem } from './problems.js'
import type { YamlScalar, YamlNode } from './yaml-tree.js'

export class ValueReader {
  readonly problems: Problem[] = []
  /** The value of each variable, mapped to the text that messages show instead, such as `${NAME}`. */
  readonly variables = new Map<string, string>()
  readonly #env: NodeJS.ProcessEnv

  constructor(env: NodeJS.ProcessEnv) {
    this.#env = env
  }

  addProblem(place: Place, message: string): void {
    this.problems.push({ place, message: this.hideVariables(message) })
  }

  hideVariables(text: string): string {
    // the longest first, because a value may be a part of another one
    const longestFirst = [...this.variables].sort(([a], [b]) => b.length - a.length)
    let hidden = text
    for (const [value, reference] of longestFirst)
      if (value.length >= MIN_HIDDEN_CHARACTERS)
        // a message may show the value as JSON
        for (const form of [value, JSON.stringify(value).slice(1, -1)]) hidden = hidden.replaceAll(form, reference)
    return hidden
  }

  /** Returns a text or a number as text, with its variables replaced; undefined without a node or after a problem. */
  readText(key: string, node: YamlNode | undefined, expected = 'text'): string | undefined {
    if (node?.kind === 'scalar' && (typeof node.value === 'string' || typeof node.value === 'number'))
      return this.#expand(node)
    if (node) this.addProblem(node.place, `${key}: expected ${expected}, got ${describeNode(node)}`)
    return undefined
  }

  /** Returns the texts of a list, or of one text with commas. */
  readTexts(key: string, node: YamlNode): readonly string[] {
    if (node.kind === 'list')
      return node.items.flatMap((item) => {
        const text = this.readText(key, item)
        return text === undefined ? [] : [text]
      })
    const text = this.readText(key, node)
    return text === undefined ? [] : text.split(',')
  }

  /** Returns what `parse` makes of a text, or adds a problem and returns undefined. */
  readParsed<T>(key: string, node: YamlNode, parse: (text: string) => T | undefined, expected: string): T | undefined {
    const text = this.readText(key, node, expected)
    const value = text === undefined ? undefined : parse(text)
    if (text !== undefined && value === undefined)
      this.addProblem(node.place, `${key}: expected ${expected}, got ${JSON.stringify(text)}`)
    return value
  }

  /** Returns the value of a flag; undefined if the flag has its default, or after a problem. */
  readFlag(key: string, flag: Flag, node: YamlNode): unknown {
    const { kind, off } = flag
    const { form } = kind
    if (isNull(node)) return undefined
    if (form === 'switch') return this.#readSwitch(key, flag, node)
    if (off && node.kind === 'scalar' && node.value === false) return off.value
    if (node.kind === 'map') {
      if (form === 'json') return this.#toJsonValue(node)
      if (form === 'pairs') return this.#readPairs(key, kind, node)
    }
    if (node.kind === 'list' && form === 'pairs') return kind.parse(this.readTexts(key, node))
    if (node.kind === 'list' && form === 'names') return readNames(kind, this.readTexts(key, node))
    const isText = node.kind === 'scalar' && typeof node.value !== 'boolean'
    if (!isText) {
      this.addProblem(node.place, `${key}: expected ${expectedByForm[form]}, got ${describeNode(node)}`)
      return undefined
    }
    const text = this.#expand(node)
    return text === undefined ? undefined : kind.parse([text])
  }

  #readSwitch(key: string, { kind, off }: Flag, node: YamlNode): unknown {
    const isBoolean = node.kind === 'scalar' && typeof node.value === 'boolean'
    const text = isBoolean ? String(node.value) : node.kind === 'scalar' ? this.#expand(node) : ''
    if (text === undefined) return undefined
    if (text !== 'true' && text !== 'false') {
      this.addProblem(node.place, `${key}: expected true or false, got ${describeNode(node)}`)
      return undefined
    }
    if (kind === offSwitchKind) return text === 'true' ? undefined : off!.value
    return text === 'true' ? kind.parse([]) : undefined
  }

  #readPairs(key: string, { parseValue }: FlagKind, node: YamlNode & { readonly kind: 'map' }): unknown {
    const texts = node.entries.map(({ key: name, value }) => [name, this.readText(`${key}.${name}`, value)] as const)
    return Object.fromEntries(texts.flatMap(([name, text]) => (text === undefined ? [] : [[name, parseValue!(text)]])))
  }

  #toJsonValue(node: YamlNode): unknown {
    if (node.kind === 'list') return node.items.map((item) => this.#toJsonValue(item))
    if (node.kind === 'map')
      return Object.fromEntries(node.entries.map(({ key, value }) => [key, this.#toJsonValue(value)]))
    return typeof node.value === 'string' ? this.#expand(node) : node.value
  }

  #expand({ place, text }: YamlScalar): string | undefined {
    const { text: expanded, values, problem } = expandVariables(text, this.#env)
    for (const [value, reference] of values) this.variables.set(value, reference)
    if (problem === undefined) return expanded
    this.addProblem(place, problem)
    return undefined
  }
}

/** Shorter values are not hidden, because they are no secrets and may be parts of other words. */
const MIN_HIDDEN_CHARACTERS = 4

const expectedByForm = {
  switch: 'true or false',
  number: 'a number',
  names: 'a list of names',
  pairs: 'a mapping',
  json: 'a mapping',
  text: 'text',
}

/** Returns the names of a list as they are written: a comma is a part of a name. `[all]` is the same as `all`. */
function readNames(kind: FlagKind, texts: readonly string[]): unknown {
  return texts.length === 1 && !Array.isArray(kind.parse(texts)) ? kind.parse(texts) : texts
}

export const isNull = (node: YamlNode) => node.kind === 'scalar' && node.value === null

export const describeNode = (node: YamlNode) =>
  node.kind === 'scalar' ? (node.value === null ? 'nothing' : node.text) : node.kind === 'list' ? 'a list' : 'a mapping'
