// Runs one case in a separate process: node case.js NAME INPUT. Only the work is timed, not the imports or `open`.
import { readFileSync } from 'node:fs'
import type { CaseInput, CaseModule, Measurement } from './harness/case-types.js'

const KB_PER_MB = 1e6 / 1024

/** Reads VmHWM on Linux, because `maxRSS` includes the memory of the parent process there (fs/exec.c, exec_mmap). */
function readPeakRssKb(): number {
  if (process.platform !== 'linux') return process.resourceUsage().maxRSS
  return Number(/VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'latin1'))?.[1])
}

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
  peakRssMb: readPeakRssKb() / KB_PER_MB,
  figures: {},
  ...outcome,
}
process.stdout.write(JSON.stringify(measurement), () => process.exit(0))
