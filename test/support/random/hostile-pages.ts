// Pages as text, from a seed: records of a few layouts in random order, with unusual names, values and notations that JSON
// allows.
import { Buffer } from 'node:buffer'
import { Random } from '../../../lib/testing/random.js'

export class SeededRandom extends Random {
  constructor(seed: number) {
    super()
    this.startAt(seed, 0)
  }

  /** Returns true once in `oneIn` calls, on average. */
  isOneIn(oneIn: number): boolean {
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

/** The style of the pages of one seed. */
export interface PageStyle {
  /** White space between tokens, and escapes where none are needed. */
  readonly isNonCanonical: boolean
  /** Unusual values and keys. */
  readonly hasUnusualValues: boolean
}

/** Makes records of one report. */
export class HostileRecords {
  readonly #random: SeededRandom
  readonly #style: PageStyle
  readonly #layouts: readonly (() => string)[]
  #id = 0

  constructor(seed: number, style: PageStyle) {
    this.#random = new SeededRandom(seed)
    this.#style = style
    this.#layouts = Array.from({ length: 1 + this.#random.below(4) }, () => this.#createLayout())
  }

  /** Returns the text of this number of records. */
  take(count: number): string[] {
    return Array.from({ length: count }, () => this.#random.oneOf(this.#layouts)())
  }

  /** Decides the fields of a layout once, so that several records have the same layout. */
  #createLayout(): () => string {
    const random = this.#random
    const renderers = [() => `${this.#renderKey('processInstanceId')}"${this.#id++}"`, ...this.#createFields()]
    if (random.isOneIn(3)) renderers.reverse()
    return () =>
      `{${this.#pickSpace()}${renderers.map((render) => render()).join(`${this.#pickSpace()},${this.#pickSpace()}`)}${this.#pickSpace()}}`
  }

  #createFields(): (() => string)[] {
    const random = this.#random
    const field = (name: string, value: () => string) => {
      const key = this.#renderKey(name)
      return () => key + value()
    }
    const all = [
      field('processDefinitionKey', () => this.#renderText(random.oneOf(['order', 'claim']))),
      field('startDate', () => random.oneOf(dates)),
      field('endDate', () => random.oneOf(dates)),
      field('duration', () => String(random.below(1e9))),
      field('tenantId', () => 'null'),
      field(
        'counts',
        this.#createObject(['incidents', 'userTasks'], () => String(random.below(5))),
      ),
      field('flowNodeDurations', this.#createObject(['start', 'end 2'], this.#createEntry())),
      field(
        'variables',
        this.#createObject(this.#pickNames(), () => this.#pickValue()),
      ),
      field('flowNodeInstances', () => this.#renderInstances()),
      ...(this.#style.hasUnusualValues ? this.#createUnusualFields(field) : []),
    ]
    return all.filter(() => !random.isOneIn(6))
  }

  #createUnusualFields(field: (name: string, value: () => string) => () => string): (() => string)[] {
    const random = this.#random
    return [
      field('isSuspended', () => random.oneOf(['true', 'false', 'null'])),
      field(random.oneOf(names), () => this.#pickValue()),
      field(
        'inputVariables',
        this.#createObject(['c1'], () => '{"id":"c1","value":"3"}'),
      ),
      field('custom', () => random.oneOf([...numbers, ...nestedValues])),
      ...(random.isOneIn(3) ? [field('variable:amount', () => '"top"')] : []),
      ...(random.isOneIn(3) ? [field('startDate', () => '"again"')] : []),
      ...(random.isOneIn(3) ? [field('counts', () => random.oneOf(['null', '[]', '{}', '3']))] : []),
      ...(random.isOneIn(3) ? [field('flowNodeDurations', () => '{"start":{"name":"no value"},"n":5}')] : []),
      ...(random.isOneIn(4) ? [field('outputVariables', () => '{"o":{"values":["1","2"]}}')] : []),
    ]
  }

  #pickNames(): string[] {
    return names.filter(() => !this.#random.isOneIn(2))
  }

  #createObject(keys: readonly string[], value: () => string): () => string {
    const written = keys.map((key) => this.#renderKey(key))
    return () => `{${written.map((key) => key + value()).join(',')}}`
  }

  #createEntry(): () => string {
    return this.#random.isOneIn(2)
      ? () => `{"name":"Start","value":${this.#random.below(100)}}`
      : () => `{"value":${this.#random.below(100)},"name":null}`
  }

  #pickValue(): string {
    const random = this.#random
    if (!this.#style.hasUnusualValues) return this.#renderText(random.oneOf(texts))
    const kind = random.below(12)
    if (kind === 0) return random.oneOf(nestedValues)
    if (kind === 1) return random.oneOf(numbers)
    if (kind === 2 && random.isOneIn(8)) return random.oneOf(longNumbers)
    if (kind === 3) return random.oneOf(['null', 'true', 'false', '"\\ud800"', '"\\u00e9\\/"', '"\\u0007"'])
    return this.#renderText(random.oneOf(texts))
  }

  #renderInstances(): string {
    const one = () =>
      `{"id":"${this.#random.below(99)}","name":${this.#renderText('Start')},"startDate":${this.#random.oneOf(dates)},"endDate":null}`
    return `[${Array.from({ length: this.#random.below(4) }, one).join(',')}]`
  }

  #renderKey(name: string): string {
    return `${this.#renderText(name)}${this.#pickSpace()}:${this.#pickSpace()}`
  }

  #renderText(text: string): string {
    const plain = JSON.stringify(text)
    if (!this.#style.isNonCanonical || !this.#random.isOneIn(5)) return plain
    return plain
      .replaceAll('/', '\\/')
      .replace(/[a-z\u0080-\uffff]/g, (unit) =>
        this.#random.isOneIn(9) && !plain.includes('\\')
          ? `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
          : unit,
      )
  }

  #pickSpace(): string {
    return this.#style.isNonCanonical && this.#random.isOneIn(20) ? this.#random.oneOf([' ', '\n', '\t', ' \r\n']) : ''
  }
}

export function renderPage(records: readonly string[], total: number, cursor: string): string {
  return `{"searchRequestId":"${cursor}","numberOfRecordsInResponse":${records.length},"totalNumberOfRecords":${total},"reportId":"r","data":[${records.join(',')}]}`
}

/** A `fetch` that answers with one page after another. */
export function createFetch(pages: readonly string[]) {
  let requestCount = 0
  return () =>
    Promise.resolve({
      status: 200,
      headers: { get: () => null },
      arrayBuffer: () => Promise.resolve(Uint8Array.from(Buffer.from(pages[requestCount++] ?? '')).buffer),
    })
}
