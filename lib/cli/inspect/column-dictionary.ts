// A dictionary of the columns of a report, as lines of text and as a table of Markdown.
import type { ColumnProfile } from '../../index.js'
import { formatPercent } from '../output/format-text.js'

const formatShare = (share: number) => (share > 0 && share < 0.01 ? '<1%' : formatPercent(share))

/** Returns one to three lines per column: its share of filled cells, type and name; then, if known, its meaning and its content. */
export function formatColumnLines(columns: readonly ColumnProfile[]): string[] {
  const width = Math.max(6, ...columns.map(({ type }) => type.length))
  const indent = ' '.repeat(6 + 2 + width + 2)
  return columns.flatMap((column) => {
    const { name, type, filledShare, meaning } = column
    return [
      `${formatShare(filledShare).padStart(6)}  ${type.padEnd(width)}  ${formatOnOneLine(name)}`,
      ...[meaning, describeContent(column)].filter((text) => text !== undefined).map((text) => `${indent}${text}`),
    ]
  })
}

/** `3 values: a, b, c`, or `from 1 to 9; for example 5`; undefined without a value. */
function describeContent({ example, values, min, max }: ColumnProfile): string | undefined {
  if (example === undefined) return undefined
  if (values?.length === 1) return `always ${formatValue(example)}`
  if (values) return `${values.length} values: ${values.map(formatValue).join(', ')}`
  const range = min === undefined ? '' : `from ${formatValue(min)} to ${formatValue(max!)}; `
  return `${range}for example ${formatValue(example)}`
}

const header = ['Column', 'Type', 'Empty', 'Meaning', 'Example', 'Values', 'Min', 'Max', 'Warnings']

export function formatMarkdown(title: string, facts: readonly string[], columns: readonly ColumnProfile[]): string[] {
  const rows = columns.map(({ name, type, filledShare, meaning = '', example, values, min, max, warnings }) => [
    formatCode(name),
    type,
    formatShare(1 - filledShare),
    escapeMarkdown(meaning),
    formatCode(example),
    values ? values.map(formatCode).join(', ') : 'more than 20, or long',
    formatCode(min),
    formatCode(max),
    escapeMarkdown(warnings.join('; ')),
  ])
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [
    `# ${escapeMarkdown(title)}`,
    '',
    ...facts.map((fact) => `- ${escapeMarkdown(fact)}`),
    '',
    line(header),
    line(header.map(() => '---')),
    ...rows.map(line),
  ]
}

/** Returns a text as code of Markdown. In a cell of a table, code needs an escape only for `|`. */
function formatCode(text: string | undefined): string {
  if (text === undefined || text === '') return ''
  const shown = formatOnOneLine(text).replaceAll('|', '\\|')
  // the fence must differ from every row of backticks in the text. Source: CommonMark 6.1, code spans
  const longest = Math.max(0, ...[...shown.matchAll(/`+/g)].map(([run]) => run.length))
  const [fence, space] = ['`'.repeat(longest + 1), longest > 0 ? ' ' : '']
  return `${fence}${space}${shown}${space}${fence}`
}

const escapeMarkdown = (text: string) => formatOnOneLine(text).replace(/[\\`*_<>|[\]]/g, '\\$&')

/** Returns a name or a value on one line. Names of variables may contain line breaks. */
export const formatOnOneLine = (text: string) => (/[\p{Cc}]/u.test(text) ? JSON.stringify(text) : text)

/** Returns a value as a part of a list: a value with a blank, a comma or a semicolon has quotes. */
const formatValue = (text: string) => (/[\s,;]/.test(text) ? JSON.stringify(text) : text)
