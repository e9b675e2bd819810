// The commented jobs file that `optimize-export init` writes.
import type { NamedReport } from '../../index.js'
import { formats, type FormatName } from '../formats.js'

/** Returns a jobs file with one job per report. */
export function createJobsTemplate(
  url: string,
  reports: readonly NamedReport[],
  format: FormatName = 'parquet',
): string {
  const names = new Set<string>()
  const jobs = reports.map((report) => createJob(report, names, formats[format].extensions[0]!))
  return `# yaml-language-server: $schema=./node_modules/optimize-export/dist/jobs.schema.json
# The keys are the flags of \`optimize-export export\` and \`optimize-export load\`, without their dashes.
#   optimize-export run jobs.yaml --check    checks this file without a request
#   optimize-export run jobs.yaml            runs all jobs
version: 1
url: ${quote(url)}

# The token comes from OPTIMIZE_TOKEN, or from OPTIMIZE_CLIENT_ID, OPTIMIZE_CLIENT_SECRET and OPTIMIZE_TOKEN_URL. Or:
# token-file: /run/secrets/optimize

# Keys that apply to all jobs that can have them.
defaults:
  format: ${format}
  # timezone: Europe/Berlin                 # the zone of the dates; default UTC
  # fresh-for: 20h                          # skip a job whose last success is younger
  # fail-on: [lost-columns, fewer-rows]     # keep the file of the last run if the report has lost something

# Commands that get the summary as JSON on stdin.
# on-failure: mail -s 'Optimize exports failed' data@example.com

jobs:
${jobs.join('\n')}`
}

function createJob({ id, name, isCombined }: NamedReport, names: Set<string>, extension: string): string {
  const uniqueName = createName(name ?? id, names)
  const title = name === undefined || name === uniqueName ? '' : `  # ${name.replace(/\p{Cc}/gu, ' ')}\n`
  const lines = `  - name: ${quote(uniqueName)}\n    report: ${quote(id)}\n    out: ${quote(`data/${uniqueName}.${extension}`)}\n`
  const table = `    # into: duckdb:warehouse.duckdb          # a table instead of a file: remove out\n    # table: ${uniqueName.replaceAll(/\W/g, '_')}\n`
  if (isCombined !== true) return title + lines + table
  return `${title}  # Optimize cannot export a combined report.\n${lines.replaceAll(/^ {2}/gm, '  # ')}`
}

/** Returns a name of letters, digits and dashes that no other job has. */
function createName(title: string, names: Set<string>): string {
  const base =
    title
      .normalize('NFKD')
      .replace(/\p{M}/gu, '')
      .toLowerCase()
      .replace(/[^\p{L}\p{N}]+/gu, '-')
      .replace(/^-|-$/g, '') || 'report'
  let name = base
  for (let number = 2; names.has(name); number++) name = `${base}-${number}`
  names.add(name)
  return name
}

/** JSON texts are YAML texts. A text of letters, digits and dashes that begins with a letter needs no quotes. */
const quote = (text: string) => (/^[a-z][\w./-]*$/i.test(text) && !YAML_WORDS.test(text) ? text : JSON.stringify(text))

const YAML_WORDS = /^(?:true|false|null|yes|no|on|off)$/i
