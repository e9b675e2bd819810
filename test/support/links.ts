// Checks links inside the project: the file and the heading must exist.
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { readDocument } from './documents.js'

const root = join(import.meta.dirname, '../..')

/** The targets of a document's links and pictures, but for those elsewhere. */
export const listLinks = (document: string) =>
  [...readDocument(document).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target]) => target!)
    .filter((target) => !/^\w+:/.test(target))

/** Whether a link leads to a file, and to a heading where it names one. Headings are slugs as GitHub makes them. */
export function isLinkValid(document: string, link: string): boolean {
  const [path = '', anchor] = link.split('#')
  const file = path === '' ? join(root, document) : join(root, dirname(document), path)
  if (!existsSync(file)) return false
  return anchor === undefined || listSlugs(readFileSync(file, 'utf8')).includes(anchor)
}

const listSlugs = (text: string) =>
  [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading]) =>
    heading!
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replace(/ /g, '-'),
  )
