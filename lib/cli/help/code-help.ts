// The text of `help <error code>`: its section of docs/troubleshooting.md, which is in the package.
import { readFileSync } from 'node:fs'

export function findCodeHelp(code: string, guidePath: string): string | undefined {
  if (!/^ERR_[A-Z_]+$/.test(code)) return undefined
  const [, section] = readFileSync(guidePath, 'utf8').split(`\n### ${code}\n`)
  return section === undefined ? undefined : `${code}\n\n${toPlainText(section.split(/\n##/)[0]!)}\n`
}

const toPlainText = (markdown: string) =>
  markdown
    .replace(/^```\w*$\n?/gm, '')
    .replace(/\*\*|`/g, '')
    .replace(/\[([^\]]+)\]\((https?:[^)]+)\)/g, '$1 ($2)')
    .replace(/\[([^\]]+)\]\(#/g, '[$1](troubleshooting.md#')
    .replace(/\[([^\]]+)\]\(([^)]+)\)/g, '$1 (docs/$2)')
    .trim()
    .replace(/(?=.{101})(.{1,100})[^\S\n]+/g, '$1\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim()
