// Compares the output of a case with the records of the server and with the outputs of other cases. A lost record, a duplicate or
// a changed cell ends the run.
import type { CaseInput, Format, Measurement } from './case-types.js'
import type { Contents, Inspector } from './inspector.js'

export interface CheckedOutput {
  readonly label: string
  readonly outputFormat: Format
  /** The files of a group must have the same cells if they are CSV, and the same names of columns in other formats. */
  readonly group?: string
}

export class Checks {
  readonly #inspector: Inspector
  readonly #idsFile: string
  readonly #expected = new Map<number, Promise<Contents>>()
  readonly #groups = new Map<string, readonly string[]>()

  constructor(inspector: Inspector, idsFile: string) {
    this.#inspector = inspector
    this.#idsFile = idsFile
  }

  checkCount(label: string, { rows }: Measurement, { records }: CaseInput): void {
    if (rows !== records) throw new Error(`${label}: expected ${records} records, counted ${rows}`)
  }

  /** Checks that the file contains every id once. */
  async checkIds({ label, outputFormat }: CheckedOutput, { file, records }: CaseInput): Promise<void> {
    const found = await this.#inspector.readContents(file, outputFormat)
    const expected = await this.#getExpected(records)
    if (found.rows !== expected.rows) throw new Error(`${label}: expected ${records} rows, read ${found.rows} back`)
    if (found.idHash !== expected.idHash) throw new Error(`${label}: ${records} rows as expected, but with other ids`)
  }

  /** Compares the file with the other files of its group. */
  async checkGroup({ label, outputFormat, group }: CheckedOutput, { file, records }: CaseInput): Promise<void> {
    if (group === undefined) return
    const key = `${group} ${records}`
    const found = await this.#inspector.readFingerprint(file, outputFormat)
    const first = this.#groups.get(key) ?? found
    this.#groups.set(key, first)
    const others = found.filter((column) => !first.includes(column)).map((column) => column.split(' ', 1).join())
    if (others.length > 0 || found.length !== first.length)
      throw new Error(
        `${label}: its cells differ from those of its group, in ${others.join(', ') || 'missing columns'}`,
      )
  }

  #getExpected(records: number): Promise<Contents> {
    const known = this.#expected.get(records) ?? this.#inspector.readExpected(this.#idsFile, records)
    this.#expected.set(records, known)
    return known
  }
}
