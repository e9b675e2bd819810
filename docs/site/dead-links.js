// Checks the links of the built site: each file and each anchor inside the folder must exist. It sends no request.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Parser } from 'htmlparser2'

/**
 * Returns the dead links of a folder of HTML files, each as `page: link`, with the number of links and pages.
 * @param {string} folder
 */
export function findDeadLinks(folder) {
  const files = listFiles(folder)
  const pages = new Map(
    files.filter((path) => /\.(html|svg)$/.test(path)).map((path) => [path, readPage(folder, path)]),
  )
  const known = new Set(files)
  const links = [...pages].flatMap(([page, { links }]) => links.map((link) => ({ page, link })))

  const isDead = ({ page, link }) => {
    const { pathname, hash } = new URL(link, `file:///site/${page}`)
    const path = decodeURIComponent(pathname).replace(/^\/site\//, '')
    const anchor = decodeURIComponent(hash).slice(1)
    return !known.has(path) || (anchor !== '' && !pages.get(path)?.anchors.has(anchor))
  }
  const dead = links.filter(isDead).map(({ page, link }) => `${page}: ${link}`)
  return { dead: [...new Set(dead)], links: links.length, pages: pages.size }
}

/** @param {string} folder */
const listFiles = (folder) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length).replaceAll('\\', '/').replace(/^\//, ''))

/** Returns the anchors of a page, and its links that do not lead to other servers. */
function readPage(folder, path) {
  const anchors = new Set()
  const links = []
  const parser = new Parser({
    onopentag(_name, { id, href, src }) {
      if (id) anchors.add(id)
      for (const link of [href, src]) if (link && !/^[a-z]+:/i.test(link)) links.push(link)
    },
  })
  parser.end(readFileSync(join(folder, path), 'utf8'))
  return { anchors, links }
}
