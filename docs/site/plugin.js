// The plugin of typedoc that makes the site of the documents: `npm run docs`. The navigation has the documents in the order of
// typedoc.json, in three groups, each with its first heading as its name. The build fails on a dead link.
import { readFileSync } from 'node:fs'
import { relative } from 'node:path'
import { Converter, Renderer } from 'typedoc'
import { findDeadLinks } from './dead-links.js'

const groups = [
  ['Decisions', /^docs\/adr\//],
  ['Project', /^(bench\/|[A-Z]+\.md|docs\/(architecture|proofs|server)\.md)/],
  ['Guides', /^docs\//],
]

/** @param {import('typedoc').Application} app */
export function load(app) {
  app.converter.on(Converter.EVENT_CREATE_DOCUMENT, (_context, document) => {
    const file = document.project.files.getReflectionPath(document)
    const path = relative(process.cwd(), file).replaceAll('\\', '/')
    const [, title] = /^# (.+)$/m.exec(readFileSync(file, 'utf8'))
    const [group] = groups.find(([, pattern]) => pattern.test(path))
    Object.assign(document.frontmatter, { title, group })
  })
  app.renderer.on(Renderer.EVENT_END, ({ outputDirectory }) => {
    const { dead, links, pages } = findDeadLinks(outputDirectory)
    for (const link of dead) app.logger.error(`dead link: ${link}`)
    app.logger.info(`${links} links of ${pages} pages have targets, but for ${dead.length}`)
  })
}
