// Makes sheet.png: `npm run picture:sheet`. It exports a report of `demo --serve` to a workbook. LibreOffice reads the workbook, and
// Chromium draws its header and its last rows. Only the grid is added. Needs LibreOffice (npm run proof:office) and Chromium
// (npm run proof:browser).
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import puppeteer from 'puppeteer-core'

const root = join(import.meta.dirname, '..')
const command = join(root, 'dist/cli/main.js')
const columns =
  'businessKey startDate endDate duration variable:customer variable:country variable:amount variable:itemCount'
const ROWS = 400
const SHOWN = 10
const GRID = `body { margin: 0 } table { border-collapse: collapse } td { border: 1px solid #d4d4d4; padding: 1px 6px; white-space: nowrap; font: 13px sans-serif }
  tr:first-child td { background: #f0f0f0; border-bottom: 2px solid #888 }`

function run(program, argv, options) {
  const { status, error } = spawnSync(program, argv, { stdio: ['ignore', 'ignore', 'inherit'], ...options })
  if (status !== 0) throw error ?? new Error(`${program}: exit code ${status}`)
}

const folder = mkdtempSync(join(tmpdir(), 'sheet-'))
const server = spawn(process.execPath, [command, 'demo', '--serve'], { stdio: ['ignore', 'pipe', 'inherit'] })
try {
  const [output] = await once(server.stdout.setEncoding('utf8'), 'data')
  const [url] = /http:\/\/[\d.:]+/.exec(output)
  const env = { ...process.env, OPTIMIZE_URL: url, OPTIMIZE_TOKEN: 'demo' }
  const what = ['--report', 'order-to-cash', '--pick', ...columns.split(' '), '--types', 'variable:amount=double']
  run(
    process.execPath,
    [command, 'export', '--quiet', '--out', 'orders.xlsx', '--max-records', String(ROWS), ...what],
    {
      cwd: folder,
      env,
    },
  )
  run('soffice', ['--headless', '--convert-to', 'html', 'orders.xlsx'], { cwd: folder })
  const browser = await puppeteer.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] })
  const page = await browser.newPage()
  await page.goto(pathToFileURL(join(folder, 'orders.html')).href)
  await page.addStyleTag({ content: GRID })
  await page.setViewport({ width: 1200, height: 800 })
  await page.evaluate(
    `document.querySelectorAll('tr').forEach((row, at) => { if (at > 0 && at <= ${ROWS - SHOWN}) row.remove() })`,
  )
  await (await page.$('table')).screenshot({ path: join(root, 'docs/sheet.png') })
  await browser.close()
} finally {
  server.kill()
  rmSync(folder, { recursive: true })
}
