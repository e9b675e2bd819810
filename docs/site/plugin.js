// The plugin of typedoc that makes the site of the documents: `npm run docs`. The name of a document is its first heading. It is in
// one of three groups, in the order of typedoc.json, and its page has the path of its file. The build fails on a dead link.
import { readFileSync } from 'node:fs'
import { relative } from 'node:path'
import { Converter, KindRouter, Renderer } from 'typedoc'
import { findDeadLinks } from './dead-links.js'

const groups = [
  ['Decisions', /^docs\/adr\//],
  ['Project', /^(bench\/|[A-Z]+\.md|docs\/(architecture|changes|proofs|server)\.md)/],
  ['Guides', /^docs\//],
]

/** @param {import('typedoc').Application} app */
export function load(app) {
  app.converter.on(Converter.EVENT_CREATE_DOCUMENT, (_context, document) => {
    const path = findPath(document)
    document.name = /^# (.+)$/m.exec(readFileSync(path, 'utf8'))[1]
    document.frontmatter.group = groups.find(([, pattern]) => pattern.test(path))[0]
  })
  app.renderer.defineRouter('documents', DocumentRouter)
  app.renderer.on(Renderer.EVENT_END, ({ outputDirectory }) => {
    const { dead, links, pages } = findDeadLinks(outputDirectory)
    for (const link of dead) app.logger.error(`dead link: ${link}`)
    app.logger.info(`${links} links of ${pages} pages were checked, ${dead.length} of them are dead`)
  })
}

class DocumentRouter extends KindRouter {
  getIdealBaseName(reflection) {
    return reflection.isDocument() ? findPath(reflection).replace(/\.md$/, '') : super.getIdealBaseName(reflection)
  }
}

const findPath = (document) =>
  relative(process.cwd(), document.project.files.getReflectionPath(document)).replaceAll('\\', '/')
