// The JSON text of the records of a layout, cut at their values.
import type { Cell, RecordOrRow } from '../../shared/types.js'

/** The slots of the values, and one literal before each of them and one after the last. */
export interface JsonTemplate {
  readonly slots: readonly number[]
  readonly literals: readonly Buffer[]
}

export function createJsonTemplate(slotRecord: RecordOrRow): JsonTemplate {
  const slots: number[] = []
  const literals: string[] = []
  let literal = ''
  const add = (text: string) => void (literal += text)
  const addValue = (value: Cell): void => {
    if (typeof value === 'number') {
      slots.push(value)
      literals.push(literal)
      literal = ''
    } else {
      let separator = '{'
      for (const [key, member] of Object.entries(value as RecordOrRow)) {
        add(`${separator}${JSON.stringify(key)}:`)
        addValue(member)
        separator = ','
      }
      add(separator === '{' ? '{}' : '}')
    }
  }
  addValue(slotRecord as Cell)
  return { slots, literals: [...literals, `${literal}\n`].map((text) => Buffer.from(text)) }
}
