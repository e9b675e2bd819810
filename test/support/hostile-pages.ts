// Pages as text, from a seed: records of a few shapes that change places, with names, values and notations that JSON allows
// and nobody expects.
import { Buffer } from 'node:buffer'

/** Numbers from a seed (mulberry32). */
export class Dice {
  #state: number

  constructor(seed: number) {
    this.#state = seed | 0
  }

  below(limit: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit
  }

  one<T>(choices: readonly T[]): T {
    return choices[this.below(choices.length)]!
  }

  /** True once in so many times. */
  hits(oneIn: number): boolean {
    return this.below(oneIn) === 0
  }
}

const names = [
  'amount',
  'customer name',
  'a.b',
  'a,b',
  'say "hi"',
  'line\nbreak',
  'naïve',
  '😀',
  '__proto__',
  'constructor',
  '7',
  '42',
  '',
  'value',
  'variables',
  'überraschung;',
  'a|b',
]

const texts = [
  '',
  'plain',
  'a, b, c',
  'semi;colon',
  'pipe|d',
  '"quoted"',
  'tab\there',
  'line\nbreak\r\n',
  'naïve café',
  '😀 emoji',
  '=SUM(A1)',
  '-1.50',
  '+49 30 1234',
  '@user',
  '＝1',
  'NULL',
  '007',
  '1e5',
  '12',
  '9007199254740993',
  'true',
  '2021-12-02T17:21:49.330+0200',
  'back\\slash/slash',
  '\u2028\u007f',
  '<<OBJECT_VARIABLE_VALUE>>',
  'x'.repeat(300),
]

const numbers = [
  '0',
  '12',
  '-5',
  '1.50',
  '1e5',
  '1E+2',
  '-0',
  '-0.0',
  '0.1',
  '123456789012345',
  '1234567890123456',
  '1e21',
]
const longNumbers = ['9007199254740993', '-123456789012345678901234567890']
const dates = ['"2021-12-02T17:21:49.330+0200"', '"1969-07-20T20:17:40.000+0000"', 'null', '""']
const nestedValues = [
  '[]',
  '{}',
  '[1,2]',
  '["{\\"a\\":1}"]',
  '[null]',
  '{"2":1,"1":2}',
  '{"a":1,"a":2}',
  '[[[1]]]',
  '{"k":[true,false]}',
]

/** What a run of pages is made of. */
export interface PageStyle {
  /** White space between tokens, and escapes where none are needed. */
  readonly isLoose: boolean
  /** Values and keys that only JSON could love. */
  readonly isWild: boolean
}

/** Makes records of one report. */
export class HostileRecords {
  readonly #dice: Dice
  readonly #style: PageStyle
  readonly #shapes: readonly (() => string)[]
  #id = 0

  constructor(seed: number, style: PageStyle) {
    this.#dice = new Dice(seed)
    this.#style = style
    this.#shapes = Array.from({ length: 1 + this.#dice.below(4) }, () => this.#shape())
  }

  /** The text of so many records. */
  take(count: number): string[] {
    return Array.from({ length: count }, () => this.#dice.one(this.#shapes)())
  }

  /** What a record of a shape consists of, decided once, so that records repeat it. */
  #shape(): () => string {
    const dice = this.#dice
    const parts = [() => `${this.#key('processInstanceId')}"${this.#id++}"`, ...this.#fields()]
    if (dice.hits(3)) parts.reverse()
    return () => `{${this.#gap()}${parts.map((part) => part()).join(`${this.#gap()},${this.#gap()}`)}${this.#gap()}}`
  }

  #fields(): (() => string)[] {
    const dice = this.#dice
    const field = (name: string, value: () => string) => {
      const key = this.#key(name)
      return () => key + value()
    }
    const all = [
      field('processDefinitionKey', () => this.#text(dice.one(['order', 'claim']))),
      field('startDate', () => dice.one(dates)),
      field('endDate', () => dice.one(dates)),
      field('duration', () => String(dice.below(1e9))),
      field('tenantId', () => 'null'),
      field(
        'counts',
        this.#object(['incidents', 'userTasks'], () => String(dice.below(5))),
      ),
      field('flowNodeDurations', this.#object(['start', 'end 2'], this.#entry())),
      field(
        'variables',
        this.#object(this.#names(), () => this.#value()),
      ),
      field('flowNodeInstances', () => this.#instances()),
      ...(this.#style.isWild ? this.#wildFields(field) : []),
    ]
    return all.filter(() => !dice.hits(6))
  }

  #wildFields(field: (name: string, value: () => string) => () => string): (() => string)[] {
    const dice = this.#dice
    return [
      field('isSuspended', () => dice.one(['true', 'false', 'null'])),
      field(dice.one(names), () => this.#value()),
      field(
        'inputVariables',
        this.#object(['c1'], () => '{"id":"c1","value":"3"}'),
      ),
      field('custom', () => dice.one([...numbers, ...nestedValues])),
      ...(dice.hits(3) ? [field('variable:amount', () => '"top"')] : []),
      ...(dice.hits(3) ? [field('startDate', () => '"again"')] : []),
      ...(dice.hits(3) ? [field('counts', () => dice.one(['null', '[]', '{}', '3']))] : []),
      ...(dice.hits(3) ? [field('flowNodeDurations', () => '{"start":{"name":"no value"},"n":5}')] : []),
      ...(dice.hits(4) ? [field('outputVariables', () => '{"o":{"values":["1","2"]}}')] : []),
    ]
  }

  #names(): string[] {
    return names.filter(() => !this.#dice.hits(2))
  }

  #object(keys: readonly string[], value: () => string): () => string {
    const written = keys.map((key) => this.#key(key))
    return () => `{${written.map((key) => key + value()).join(',')}}`
  }

  #entry(): () => string {
    return this.#dice.hits(2)
      ? () => `{"name":"Start","value":${this.#dice.below(100)}}`
      : () => `{"value":${this.#dice.below(100)},"name":null}`
  }

  #value(): string {
    const dice = this.#dice
    if (!this.#style.isWild) return this.#text(dice.one(texts))
    const kind = dice.below(12)
    if (kind === 0) return dice.one(nestedValues)
    if (kind === 1) return dice.one(numbers)
    if (kind === 2 && dice.hits(8)) return dice.one(longNumbers)
    if (kind === 3) return dice.one(['null', 'true', 'false', '"\\ud800"', '"\\u00e9\\/"', '"\\u0007"'])
    return this.#text(dice.one(texts))
  }

  #instances(): string {
    const one = () =>
      `{"id":"${this.#dice.below(99)}","name":${this.#text('Start')},"startDate":${this.#dice.one(dates)},"endDate":null}`
    return `[${Array.from({ length: this.#dice.below(4) }, one).join(',')}]`
  }

  #key(name: string): string {
    return `${this.#text(name)}${this.#gap()}:${this.#gap()}`
  }

  #text(text: string): string {
    const plain = JSON.stringify(text)
    if (!this.#style.isLoose || !this.#dice.hits(5)) return plain
    return plain
      .replaceAll('/', '\\/')
      .replace(/[a-z\u0080-\uffff]/g, (unit) =>
        this.#dice.hits(9) && !plain.includes('\\') ? `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}` : unit,
      )
  }

  #gap(): string {
    return this.#style.isLoose && this.#dice.hits(20) ? this.#dice.one([' ', '\n', '\t', ' \r\n']) : ''
  }
}

/** The text of a page of process instances. */
export function pageText(records: readonly string[], total: number, cursor: string): string {
  return `{"searchRequestId":"${cursor}","numberOfRecordsInResponse":${records.length},"totalNumberOfRecords":${total},"reportId":"r","data":[${records.join(',')}]}`
}

/** A `fetch` that answers with one page after another. */
export function fetchOf(pages: readonly string[]) {
  let asked = 0
  return () =>
    Promise.resolve({
      status: 200,
      headers: { get: () => null },
      arrayBuffer: () => Promise.resolve(Uint8Array.from(Buffer.from(pages[asked++] ?? '')).buffer),
    })
}
