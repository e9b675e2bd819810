// Checks links inside the project: the file and the heading must exist.
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { root } from '../root.js'
import { readDocument } from './documents.js'

/** Returns the targets of the links and pictures of a document, except addresses such as `https:`. */
export const listLinks = (document: string) =>
  [...readDocument(document).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target]) => target!)
    .filter((target) => !/^\w+:/.test(target))

/** Returns whether the file of a link exists, and its heading if the link has an anchor. Headings become slugs as on GitHub. */
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
