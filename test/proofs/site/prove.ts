// Opens the site of the documents in Chromium: every page on a wide screen in light, the guides on a narrow one in dark, the navigation and
// the search from a server and from a folder. A request to another server is a fault. `--short` opens the guides and one page per folder.
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { dirname, extname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import puppeteer, { type Browser, type Page } from 'puppeteer-core'
import { root } from '../../support/root.js'
import { broken, finding, Report, type Finding } from '../support/report.js'
import { exitOnSignals } from '../support/turn.js'

const WIDE = { width: 1280, height: 900 }
const PHONE = { width: 360, height: 740 }
/** The smallest contrast of text that WCAG 2.2 accepts, 1.4.3. Source: https://www.w3.org/TR/WCAG22/#contrast-minimum */
const CONTRAST = 4.5
/** A page that is opened from a folder may not read an SVG file of the folder; TypeDoc then uses icons from a script. */
const ICONS_OF_FOLDER = /\bfile:.*icons\.svg/

/** Runs in the browser. */
const IS_ANCHOR_SHOWN = `(() => {
  const { top, height } = document.querySelector('#err_cursor_expired').getBoundingClientRect()
  return height > 0 && top >= 0 && top < innerHeight
})()`

const folder = join(root, 'site')
const readPage = readFileSync(join(root, 'test/proofs/site/read-page.js'), 'utf8')
const report = new Report()
exitOnSignals()

const executablePath = ['chromium', 'chromium-browser', 'google-chrome']
  .map((name) => spawnSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).stdout.trim())
  .find((path) => path !== '')
if (executablePath === undefined || !existsSync(join(folder, 'index.html'))) {
  process.stdout.write('BROKEN: the proof needs Chromium (npm run proof:browser) and the site (npm run docs)\n')
  process.exit(1)
}

const pages = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.html'))
  .map((name) => name.replaceAll('\\', '/'))
const guides = pages.filter((path) => /^(index|[A-Z]+|docs\/[^/]+)\.html$/.test(path))
const server = await serveFolder()
const site = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
// root has no sandbox
const args = process.getuid?.() === 0 ? ['--no-sandbox'] : []
const browser = await puppeteer.launch({ executablePath, args })

report.heading(`the site in ${await browser.version()}`)
const isShort = process.argv.includes('--short')
const opened = isShort ? [...guides, ...firstOfEachFolder(pages)] : pages
await report.check(`${opened.length} pages on a wide screen, in light`, () => openAll(browser, opened, WIDE, 'light'))
await report.check(`${guides.length} guides on a narrow screen, in dark`, () => openAll(browser, guides, PHONE, 'dark'))
for (const base of [site, pathToFileURL(`${folder}/`).href]) {
  const from = base === site ? 'a server' : 'a folder'
  await report.check(`the navigation from ${from}`, () => withPage(browser, (page, seen) => navigate(page, base, seen)))
  await report.check(`the search from ${from}`, () => withPage(browser, (page, seen) => search(page, base, seen)))
}
await browser.close()
server.close()
process.exit(report.finish())

function firstOfEachFolder(paths: readonly string[]): string[] {
  return [...new Map(paths.map((path) => [dirname(path), path])).values()]
}

async function serveFolder(): Promise<Server> {
  const types: Record<string, string> = {
    '.html': 'text/html',
    '.css': 'text/css',
    '.js': 'text/javascript',
    '.svg': 'image/svg+xml',
    '.png': 'image/png',
  }
  const server = createServer(({ url = '/' }, response) => {
    const path = join(folder, decodeURIComponent(new URL(url, 'http://site').pathname))
    if (url === '/favicon.ico') return response.writeHead(204).end()
    const isFile = path.startsWith(folder) && extname(path) !== '' && existsSync(path)
    const headers = { 'content-type': types[extname(path)] ?? 'text/plain', 'cache-control': 'max-age=600' }
    return response.writeHead(isFile ? 200 : 404, headers).end(isFile ? readFileSync(path) : undefined)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return server
}

/** Runs `look` with a new page and the list of its faults: messages of the console, errors of scripts, and failed or foreign requests. */
async function withPage<T>(browser: Browser, look: (page: Page, faults: string[]) => Promise<T>): Promise<T> {
  // a new profile, because the site remembers which parts of the navigation are open
  const context = await browser.createBrowserContext()
  const page = await context.newPage()
  const faults: string[] = []
  page.on('pageerror', (error) => faults.push(String(error)))
  page.on('console', (message) => {
    const text = message.text()
    if (['error', 'warn'].includes(message.type()) && !ICONS_OF_FOLDER.test(text)) faults.push(text)
  })
  page.on('request', (request) => {
    if (!/^(file:|data:)/.test(request.url()) && !request.url().startsWith(site)) faults.push(request.url())
  })
  page.on('response', (response) => {
    if (response.status() >= 400) faults.push(`${response.status()} ${response.url()}`)
  })
  page.on('requestfailed', (request) => {
    if (!ICONS_OF_FOLDER.test(request.url())) faults.push(`${request.failure()?.errorText ?? ''} ${request.url()}`)
  })
  try {
    return await look(page, faults)
  } finally {
    await context.close()
  }
}

/** The result of read-page.js. */
interface PageFacts {
  readonly hasHeading: boolean
  readonly isDark: boolean
  /** The pixels by which the page is wider than the screen. */
  readonly overflow: number
  readonly contrast: number
  readonly images: number
  readonly lost: readonly string[]
}

async function openAll(
  browser: Browser,
  paths: readonly string[],
  viewport: typeof WIDE,
  scheme: 'light' | 'dark',
): Promise<Finding> {
  const problems: string[] = []
  let pictures = 0
  await withPage(browser, async (page, faults) => {
    await page.setViewport(viewport)
    await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }])
    for (const path of paths) {
      await page.goto(site + path)
      // a script shows the page
      await page.waitForSelector('body', { visible: true })
      const { hasHeading, isDark, overflow, contrast, images, lost } = (await page.evaluate(readPage)) as PageFacts
      pictures += images
      if (!hasHeading) faults.push('no visible heading')
      if (isDark !== (scheme === 'dark')) faults.push(`is not ${scheme}`)
      if (overflow > 0) faults.push(`${overflow} pixels wider than the screen`)
      if (contrast < CONTRAST) faults.push(`contrast ${contrast.toFixed(1)}`)
      faults.push(...lost.map((source) => `no picture: ${source}`))
      problems.push(...faults.splice(0).map((fault) => `${path}: ${fault}`))
    }
  })
  return problems.length > 0
    ? broken(problems.slice(0, 20).join('\n'))
    : finding(
        pictures > 0,
        `heading, width, contrast and ${pictures} pictures; no message of the console, no failed request`,
      )
}

/** Opens the list of guides in the navigation, and then a guide. */
async function navigate(page: Page, base: string, faults: string[]): Promise<Finding> {
  await page.setViewport(WIDE)
  await page.goto(`${base}index.html`)
  await page.waitForSelector('#tsd-nav-container summary[data-key=Guides]')
  await page.click('#tsd-nav-container summary[data-key=Guides]')
  const link = '#tsd-nav-container a[href$="docs/troubleshooting.html"]'
  await page.waitForFunction(`document.getAnimations().length === 0`)
  const count = (await page.evaluate(`document.querySelectorAll('summary[data-key=Guides] + div a').length`)) as number
  await Promise.all([page.waitForNavigation(), page.locator(link).click()])
  const heading = await page.evaluate(`document.querySelector('h1').innerText.trim()`)
  return finding(
    heading === 'Troubleshooting' && count >= 14 && faults.length === 0,
    [`${count} guides; a click leads to ${String(heading)}`, ...faults].join('\n'),
  )
}

/** Searches for an error code, opens the first result, and then an address with an anchor. */
async function search(page: Page, base: string, faults: string[]): Promise<Finding> {
  await page.setViewport(WIDE)
  await page.goto(`${base}index.html`)
  await page.click('#tsd-search-trigger')
  await page.waitForSelector('#tsd-search-input', { visible: true })
  await page.type('#tsd-search-input', 'ERR_CURSOR_EXPIRED')
  // the results of the first letters come before those of the whole word
  await page.waitForFunction(`document.querySelector('#tsd-search-results li a')?.innerText === 'Troubleshooting'`)
  await page.keyboard.press('ArrowDown')
  await Promise.all([page.waitForNavigation(), page.keyboard.press('Enter')])
  const opened = new URL(page.url()).pathname
  await page.goto(`${base}docs/troubleshooting.html#err_cursor_expired`)
  await page.waitForFunction(IS_ANCHOR_SHOWN)
  return finding(
    opened.endsWith('/docs/troubleshooting.html') && faults.length === 0,
    [`ERR_CURSOR_EXPIRED leads to ${opened}, whose anchor is shown`, ...faults].join('\n'),
  )
}
