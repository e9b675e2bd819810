/** Returns a Markdown table. The first column is text, the others are figures. */
export function formatMarkdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const formatLine = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  const separator = head.map((_, column) => (column === 0 ? '---' : '---:'))
  return [formatLine(head), formatLine(separator), ...rows.map(formatLine)].join('\n')
}
