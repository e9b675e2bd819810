// Makes terminal.svg: `npm run picture`. The picture shows what the command printed on a pseudo terminal (`script` of util-linux), at
// the times when it was printed. Only the prompt is added.
import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')
const COLUMNS = 96
const FRAME_MS = 100
const STILL_MS = 6000
const [ADVANCE, LINE, MARGIN] = [8.4, 20, 18]

/** Runs a command line on a pseudo terminal. Resolves with the pieces of its output, each with its time. */
function record(command, cwd, env) {
  const started = performance.now()
  const pieces = []
  const line = `stty cols ${COLUMNS} rows 24; exec ${command}`
  const child = spawn('script', ['-qefc', line, '/dev/null'], { cwd, env, stdio: ['ignore', 'pipe', 'inherit'] })
  child.stdout.setEncoding('utf8')
  child.stdout.on('data', (text) => pieces.push({ ms: performance.now() - started, text }))
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => (code === 0 ? resolve(pieces) : reject(new Error(`${command}: exit code ${code}`))))
  })
}

/** The functions of a terminal that the progress bars use. Source: ECMA-48, CHA, CUU, EL and ED. */
class Screen {
  lines = [[]]
  row = 0
  column = 0

  write(text) {
    for (const [whole, parameter, command] of text.matchAll(/\x1b\[\??(\d*)([A-Za-z])|[\s\S]/gu)) {
      if (command) this.control(command, parameter)
      else if (whole === '\r') this.column = 0
      else if (whole === '\n') this.lines[++this.row] ??= []
      else this.put(whole)
    }
  }

  put(character) {
    if (this.column < COLUMNS) this.lines[this.row][this.column++] = character
  }

  control(command, parameter) {
    const line = this.lines[this.row]
    if (command === 'G') this.column = Number(parameter || 1) - 1
    else if (command === 'A') this.row = Math.max(0, this.row - Number(parameter || 1))
    else if (command === 'K') line.length = parameter === '2' ? 0 : Math.min(line.length, this.column)
    else if (command === 'J') {
      line.length = Math.min(line.length, this.column)
      this.lines.length = this.row + 1
    } else if (!'hl'.includes(command)) throw new Error(`the terminal does not know ${command}`)
  }

  get text() {
    return this.lines.map((line) =>
      Array.from(line, (character) => character ?? ' ')
        .join('')
        .trimEnd(),
    )
  }
}

/** Returns the contents of the screen, each with the time from which it is shown. */
function listFrames(pieces, prompt) {
  const screen = new Screen()
  const frames = [{ ms: 0, lines: [prompt] }]
  for (const { ms, text } of pieces) {
    screen.write(text)
    const frame = { ms, lines: [prompt, ...screen.text] }
    if (ms - frames.at(-1).ms < FRAME_MS) frames[frames.length - 1] = { ...frame, ms: frames.at(-1).ms }
    else frames.push(frame)
  }
  const last = frames.at(-1).lines
  while (last.at(-1) === '') last.pop()
  return frames
}

const escapeXml = (text) => text.replace(/[&<>]/g, (character) => `&#${character.charCodeAt(0)};`)
const toPercent = (ms, totalMs) => ((100 * ms) / totalMs).toFixed(2)

/** Returns the picture. Each frame is a group that is visible at its time; a program without animations shows the last one. */
function createSvg(frames) {
  const totalMs = frames.at(-1).ms + STILL_MS
  const height = 2 * MARGIN + LINE * Math.max(...frames.map(({ lines }) => lines.length))
  const width = Math.ceil(2 * MARGIN + ADVANCE * COLUMNS)
  const createText = (line, at) => {
    if (line === '') return ''
    const length = (Array.from(line).length * ADVANCE).toFixed(1)
    const attribute = line.startsWith('$ ') ? ' class="prompt"' : ''
    return `<text${attribute} xml:space="preserve" x="${MARGIN}" y="${MARGIN + LINE * at + 14}" textLength="${length}">${escapeXml(line)}</text>`
  }
  const groups = frames.map(({ lines }, at) => `<g class="f f${at}">${lines.map(createText).join('')}</g>`)
  const styles = frames.map(({ ms }, at) => {
    const [from, to] = [toPercent(ms, totalMs), toPercent(frames[at + 1]?.ms ?? totalMs, totalMs)]
    const hidden = from === '0.00' ? '' : `0%{opacity:0}`
    const after = to === '100.00' ? '' : `${to}%,100%{opacity:0}`
    return `.f${at}{animation-name:k${at}}@keyframes k${at}{${hidden}${from}%{opacity:1}${after}}`
  })
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">
<title>A terminal: ${escapeXml(frames[0].lines[0].slice(2))}</title>
<desc>${escapeXml(frames.at(-1).lines.join('\n'))}</desc>
<style>
text{font:14px ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;fill:#d6dbe3;white-space:pre}
.prompt{fill:#7fd1a6}
.f{opacity:0;animation:${(totalMs / 1000).toFixed(2)}s step-end infinite}
.f${frames.length - 1}{opacity:1}
${styles.join('\n')}
@media (prefers-reduced-motion:reduce){.f{animation:none}}
</style>
<rect width="${width}" height="${height}" rx="8" fill="#1b1f27"/>
${groups.join('\n')}
</svg>
`
}

mkdirSync('/tmp/demo', { recursive: true })
const bin = mkdtempSync('/tmp/bin-')
try {
  symlinkSync(join(root, 'dist/cli/main.js'), join(bin, 'optimize-export'))
  const env = { ...process.env, PATH: `${bin}:${process.env.PATH}`, TERM: 'xterm-256color' }
  const pieces = await record('optimize-export demo', '/tmp/demo', env)
  writeFileSync(join(root, 'docs/terminal.svg'), createSvg(listFrames(pieces, '$ optimize-export demo')))
} finally {
  rmSync(bin, { recursive: true })
}
