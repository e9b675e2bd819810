// Reads the structure of a jobs file: its top, its defaults and its jobs. The values of flags stay nodes, because the kind of a job decides
// how they are read.
import { escapeLine, joinWithOr } from '../../output/format-text.js'
import { suggestName } from '../../parser.js'
import { defaultKeys, otherTopKeys, jobKeys, readOwnKeys, serverKeys, type OwnValues } from './job-keys.js'
import type { Place } from './problems.js'
import { describeNode, type ValueReader } from './value-reader.js'
import type { YamlEntry, YamlMap, YamlNode } from './yaml-tree.js'

export type KeyEntries = ReadonlyMap<string, YamlEntry>

/** A job as it is in the file. */
export interface FileJob {
  readonly name: string
  readonly place: Place
  readonly entries: KeyEntries
}

export interface JobsFile {
  /** The keys at the top that say how to reach the server. */
  readonly serverEntries: KeyEntries
  readonly defaults: KeyEntries
  readonly jobs: readonly FileJob[]
  readonly hooks: Pick<OwnValues, 'on-success' | 'on-failure'>
}

export const FILE_VERSION = 1
const topKeys = ['version', 'defaults', 'jobs', ...otherTopKeys]

/** Reads the file. Problems are added to the problems of the ValueReader. */
export class JobsFileReader {
  readonly #reader: ValueReader

  constructor(reader: ValueReader) {
    this.#reader = reader
  }

  read(root: YamlNode | undefined): JobsFile {
    const top = this.#readMap('the file', root, [...topKeys, ...serverKeys])
    const getNode = (key: string) => top.get(key)?.value
    if (root?.kind !== 'map') return EMPTY_FILE
    this.#checkVersion(getNode('version'), root.place)
    return {
      serverEntries: new Map([...top].filter(([key]) => serverKeys.includes(key))),
      defaults: top.has('defaults') ? this.#readMap('defaults', getNode('defaults'), defaultKeys) : new Map(),
      jobs: this.#readJobs(getNode('jobs'), root.place),
      hooks: readOwnKeys((key) => top.get(key), this.#reader),
    }
  }

  #checkVersion(node: YamlNode | undefined, start: Place): void {
    if (node?.kind === 'scalar' && node.value === FILE_VERSION) return
    const got = node ? describeNode(node) : 'nothing'
    this.#reader.addProblem(node?.place ?? start, `version: expected ${FILE_VERSION}, got ${got}`)
  }

  #readJobs(node: YamlNode | undefined, start: Place): FileJob[] {
    if (node?.kind !== 'list' || node.items.length === 0) {
      this.#reader.addProblem(node?.place ?? start, 'jobs: expected a list with at least one job')
      return []
    }
    const jobs = node.items.flatMap((item) => {
      const entries = this.#readMap('a job', item, ['name', ...jobKeys])
      if (item.kind !== 'map') return []
      return { name: this.#readName(entries, item), place: entries.get('name')?.place ?? item.place, entries }
    })
    const placeByName = new Map<string, Place>()
    for (const { name, place } of jobs) {
      const other = placeByName.get(name.toLowerCase())
      if (other && name !== '')
        this.#reader.addProblem(place, `name: the job in line ${other.line} also has the name ${name}`)
      else placeByName.set(name.toLowerCase(), place)
    }
    return jobs
  }

  #readName(entries: KeyEntries, item: YamlMap): string {
    const entry = entries.get('name')
    const name = this.#reader.readText('name', entry?.value) ?? ''
    if (NAME_PATTERN.test(name)) return name
    const expected = 'expected letters, digits, dots, dashes and underscores'
    this.#reader.addProblem(
      entry?.place ?? item.place,
      entry ? `name: ${expected}` : `name: the job has no name; ${expected}`,
    )
    return ''
  }

  /** Returns the allowed entries of a mapping. Any other key, or a node that is not a mapping, is a problem. */
  #readMap(label: string, node: YamlNode | undefined, allowed: readonly string[]): KeyEntries {
    if (node?.kind !== 'map') {
      this.#reader.addProblem(node?.place ?? START, `expected ${label} to be a mapping of keys`)
      return new Map()
    }
    return new Map(
      node.entries.flatMap((entry): [string, YamlEntry][] => {
        const { key, place } = entry
        if (allowed.includes(key)) return [[key, entry]]
        this.#reader.addProblem(place, describeMisplacedKey(key) ?? describeUnknownKey(key, allowed))
        return []
      }),
    )
  }
}

/** Returns undefined for a key that no part of the file has. */
function describeMisplacedKey(key: string): string | undefined {
  if (topKeys.includes(key)) return `${key}: belongs at the top of the file`
  if (defaultKeys.includes(key)) return `${key}: belongs in defaults, or in a job`
  return key === 'name' || jobKeys.includes(key) ? `${key}: belongs in a job` : undefined
}

function describeUnknownKey(key: string, allowed: readonly string[]): string {
  const expected = allowed.includes('jobs')
    ? joinWithOr([...topKeys, 'a key of the server'])
    : 'a flag of export or load without its dashes'
  return `unknown key ${JSON.stringify(escapeLine(key))}, ${suggestName(key, allowed, expected)}`
}

const EMPTY_FILE: JobsFile = { serverEntries: new Map(), defaults: new Map(), jobs: [], hooks: {} }
const START: Place = { line: 1, column: 1 }
const NAME_PATTERN = /^[\p{L}\p{N}._-]+$/u
