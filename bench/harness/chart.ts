// Draws the end-to-end table as bars in SVG, readable on light and dark backgrounds.

export interface Panel {
  readonly title: string
  readonly bars: readonly Bar[]
}

export interface Bar {
  readonly label: string
  /** The time as a multiple of the floor's time. */
  readonly ratio: number
  readonly kind: 'ours' | 'peer' | 'floor'
}

const [width, left, right, barHeight, gap, panelHead] = [760, 270, 60, 16, 7, 52]
const caption = 'Wall time of an export as a multiple of fetching and parsing alone; shorter is better'
/** Longer bars are cut here and end with an arrow. */
const maxRatio = 4
const style = `text { font: 13px system-ui, sans-serif; fill: #57606a } .title { font-weight: 600; font-size: 14px }
.ours { fill: #2da44e } .peer { fill: #8c959f } .floor { fill: #bf8700 } .line { stroke: #bf8700; stroke-dasharray: 3 3 }
@media (prefers-color-scheme: dark) { text { fill: #9aa4af } .ours { fill: #3fb950 } .peer { fill: #6e7681 } }`

/** Returns the SVG of the panels, one below the other. */
export function renderChart(panels: readonly Panel[]): string {
  let top = 0
  const drawn = panels.map((panel) => {
    const at = top
    top += getHeight(panel)
    return `<g transform="translate(0 ${at})">${drawPanel(panel)}</g>`
  })
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${top + 8}" width="${width}" role="img" aria-label="${caption}">
<style>${style}</style>
${drawn.join('\n')}
</svg>
`
}

const getHeight = ({ bars }: Panel) => panelHead + bars.length * (barHeight + gap) + 12
const toX = (ratio: number) => left + (Math.min(ratio, maxRatio) / maxRatio) * (width - left - right)

function drawPanel({ title, bars }: Panel): string {
  const bottom = panelHead + bars.length * (barHeight + gap)
  const floorX = toX(1)
  return [
    `<text class="title" x="8" y="18">${escapeXml(title)}</text>`,
    `<text x="8" y="35">${escapeXml(caption)}</text>`,
    `<line class="line" x1="${floorX}" x2="${floorX}" y1="${panelHead - 8}" y2="${bottom}"/>`,
    ...bars.map(drawBar),
  ].join('\n')
}

function drawBar({ label, ratio, kind }: Bar, row: number): string {
  const y = panelHead + row * (barHeight + gap)
  const end = toX(ratio)
  const figure = `${ratio.toFixed(ratio < 9.95 ? 2 : 1)} x${ratio > maxRatio ? ' →' : ''}`
  const baseline = y + barHeight - 3
  return `<text x="${left - 8}" y="${baseline}" text-anchor="end">${escapeXml(label)}</text><rect class="${kind}" x="${left}" y="${y}" width="${(end - left).toFixed(1)}" height="${barHeight}" rx="2"/><text x="${(end + 5).toFixed(1)}" y="${baseline}">${figure}</text>`
}

const escapeXml = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
