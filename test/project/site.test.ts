// The site of the documents, `npm run docs`. The build fails on a dead link; this file tests how it finds them.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import t from 'tap'
import { documents } from '../support/project/documents.js'
import { root } from '../support/root.js'

interface DeadLinks {
  readonly dead: readonly string[]
  readonly links: number
  readonly pages: number
}
const { findDeadLinks } = (await import(pathToFileURL(join(root, 'docs/site/dead-links.js')).href)) as {
  findDeadLinks: (folder: string) => DeadLinks
}
const options = JSON.parse(readFileSync(join(root, 'typedoc.json'), 'utf8')) as { projectDocuments: string[] }

t.test('every document is a page of the site', async (t) => {
  const pages = ['README.md', ...options.projectDocuments]
  t.strictSame(
    documents.filter((document) => !pages.includes(document)),
    [],
  )
  t.ok(pages.includes('docs/adr/0*.md'), 'and every decision')
})

/** Writes a site of two pages and a picture; `body` is on the first page. */
function writeSite(folder: string, body: string): string {
  const files = {
    'index.html': `<h1 id="top">Home</h1>${body}`,
    'guides/start.html': '<h2 id="first step">Start</h2><a href="../index.html#top">home</a>',
    'media/icons.svg': '<svg><symbol id="leaf"/></svg>',
  }
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
  return folder
}

t.test('links to files and anchors of the site, and to other servers, are not dead', async (t) => {
  const body = `<a href="guides/start.html#first%20step">a</a> <a href="#top">b</a> <a href="#">c</a>
    <svg><use href="media/icons.svg#leaf"/></svg> <img src="media/icons.svg?1"> <a href="https://example.com/none">d</a>`
  t.strictSame(findDeadLinks(writeSite(t.testdir(), body)), { dead: [], links: 6, pages: 3 })
})

for (const link of [
  'guides/none.html',
  'guides/Start.html',
  'guides/',
  '../index.html',
  'guides/start.html#none',
  '#none',
  'media/icons.svg#none',
])
  t.test(`${link} is dead, as a link and as a picture`, async (t) => {
    const folder = writeSite(t.testdir(), `<a href="${link}">a</a>`)
    t.strictSame(findDeadLinks(folder).dead, [`index.html: ${link}`])
    t.strictSame(findDeadLinks(writeSite(folder, `<img src="${link}">`)).dead, [`index.html: ${link}`])
  })
