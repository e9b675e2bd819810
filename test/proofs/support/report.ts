// Runs checks. Prints one line per check when it has ended, the lines of the broken ones again at the end, and gives the exit code.

export interface Finding {
  readonly ok: boolean
  /** The result of the check in a few words, even if it passed. */
  readonly seen: string
  /** True if only a limit of the reader makes a difference; the table and the sum show such checks separately. */
  readonly limit?: boolean
}

export const fine = (seen: string): Finding => ({ ok: true, seen })
export const broken = (seen: string): Finding => ({ ok: false, seen })
export const finding = (ok: boolean, seen: string): Finding => ({ ok, seen })

interface Line extends Finding {
  readonly group: string
  readonly title: string
  readonly seconds: number
}

export class Report {
  readonly #lines: Line[] = []
  readonly #startedAt = performance.now()
  #group = ''

  heading(group: string): void {
    this.#group = group
    process.stdout.write(`\n${group}\n`)
  }

  /** Runs a check and prints its line. A check that throws is broken. */
  async check(title: string, run: () => Promise<Finding>): Promise<void> {
    const started = performance.now()
    const found = await run().catch((error: unknown) => broken(`threw ${describe(error)}`))
    this.add(title, found, secondsSince(started))
  }

  /** Prints the line of a check that has run. */
  add(title: string, found: Finding, seconds: number): void {
    const line: Line = { ...found, group: this.#group, title, seconds }
    this.#lines.push(line)
    process.stdout.write(`${text(line)}\n`)
  }

  /** Prints the sum and returns the exit code: 1 if something is broken or nothing was checked. */
  finish(): number {
    const wrong = this.#lines.filter(({ ok }) => !ok)
    for (const line of wrong) process.stdout.write(`\n${line.group}\n${text(line)}`)
    const limits = this.#lines.filter(({ limit }) => limit).length
    const sum = [
      `${this.#lines.length} checks`,
      ...(limits > 0 ? [`${limits} limits of readers`] : []),
      `${wrong.length} broken`,
      `${secondsSince(this.#startedAt).toFixed(0)} s`,
    ]
    process.stdout.write(`\n${sum.join(', ')}\n`)
    return wrong.length > 0 || this.#lines.length === 0 ? 1 : 0
  }
}

const text = ({ ok, limit, seconds, title, seen }: Line) =>
  `  ${limit ? 'limit ' : ok ? 'ok    ' : 'BROKEN'} ${seconds.toFixed(1).padStart(5)} s  ${title}\n                  ${seen.replaceAll(/\s*\n\s*/g, ' ')}`

const secondsSince = (started: number) => (performance.now() - started) / 1000

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const { code } = error as { code?: unknown }
  return `${error.name}${typeof code === 'string' ? ` ${code}` : ''}: ${error.message}`
}
