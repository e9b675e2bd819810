// The text of `help <error code>`: its section of docs/troubleshooting.md, which is in the package.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The path is the same for lib/cli and for the bundle, whose files are also two folders deep. */
const GUIDE_PATH = join(import.meta.dirname, '../../docs/troubleshooting.md')

export function findCodeHelp(code: string): string | undefined {
  if (!/^ERR_[A-Z_]+$/.test(code)) return undefined
  const [, section] = readFileSync(GUIDE_PATH, 'utf8').split(`\n### ${code}\n`)
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
