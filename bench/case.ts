// One case in a process of its own: node case.js NAME INPUT. Only the work is timed; imports and what `open` prepares are not.
import type { CaseInput, CaseModule, Measurement } from './lab/case-types.js'

const [name, text] = process.argv.slice(2)
if (name === undefined || text === undefined) throw new Error('usage: node case.js NAME INPUT')
const { open } = (await import(`./cases/${name}.js`)) as CaseModule
const work = await open(JSON.parse(text) as CaseInput)

const cpu = process.cpuUsage()
const started = performance.now()
const outcome = await work()
const wallMs = performance.now() - started
const { user, system } = process.cpuUsage(cpu)

const measurement: Measurement = {
  wallMs,
  cpuMs: (user + system) / 1000,
  peakRssMb: (process.resourceUsage().maxRSS * 1024) / 1e6,
  figures: {},
  ...outcome,
}
process.stdout.write(JSON.stringify(measurement), () => process.exit(0))
