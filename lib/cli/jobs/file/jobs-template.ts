import type { NamedReport } from '../../../index.js'
import { formats, type FormatName } from '../../flags/formats.js'

export interface TemplateOptions {
  /** The path of the JSON schema, relative to the jobs file. */
  readonly schema: string
  /** The database of the jobs; undefined for files. */
  readonly into?: string | undefined
  readonly mode?: string | undefined
  readonly format?: FormatName | undefined
}

/** Returns a jobs file with one job per report. The job of a combined report is a comment. */
export function createJobsTemplate(url: string, reports: readonly NamedReport[], options: TemplateOptions): string {
  const { schema, into, mode, format = 'parquet' } = options
  const names = { jobs: new Set<string>(), tables: new Set<string>() }
  const jobs = reports.map((report) =>
    createJob(report, names, into === undefined ? formats[format].extensions[0] : undefined),
  )
  return `# yaml-language-server: $schema=${schema}
# The keys are the flags of \`optimize-export export\` and \`optimize-export load\`, without their dashes.
#   optimize-export run jobs.yaml --check    checks this file without a request
#   optimize-export run jobs.yaml            runs all jobs
#   optimize-export init --schema > jobs.schema.json    the schema of this file, for editors
version: 1
url: ${quote(url)}

# The token comes from OPTIMIZE_TOKEN, or from OPTIMIZE_CLIENT_ID, OPTIMIZE_CLIENT_SECRET and OPTIMIZE_TOKEN_URL. Or:
# token-file: /run/secrets/optimize

# Keys that apply to all jobs that can have them.
defaults:
${into === undefined ? createFileDefaults(format) : createTableDefaults(into, mode)}
# Commands that get the summary as JSON on stdin.
# on-failure: jq -r '.error.message // empty, (.jobs[] | select(.exitCode > 0) | .name, .message)' | mail -s 'Optimize exports failed' data@example.com

jobs:
${jobs.join('\n')}`
}

const FRESH_FOR_LINES = `  # fresh-for: 3h                           # skip a job whose last success is younger than this. Choose a little more than the
  #                                         # time between the first and the last start of a night, such as 3h for 2:15 to 4:15`

const createFileDefaults = (format: FormatName) => `  format: ${format}
  # timezone: Europe/Berlin                 # the zone of the dates; default UTC
${FRESH_FOR_LINES}
  # fail-on: [lost-columns, fewer-rows]     # keep the file of the last run if columns or rows are missing
`

const createTableDefaults = (into: string, mode: string | undefined) => `  into: ${quote(into)}
${mode === undefined ? '  # mode: merge' : `  mode: ${mode}`}
  # events: true                            # also the flow-node instances, in the table NAME_events
${FRESH_FOR_LINES}
  # types: ['variable:amount=decimal(18,2)']    # the types of new columns, instead of inferred ones
  # max-lost-share: 0.2                     # fail if the report has lost more than 20 % of its records
`

interface UsedNames {
  readonly jobs: Set<string>
  readonly tables: Set<string>
}

function createJob({ id, name, isCombined }: NamedReport, names: UsedNames, extension: string | undefined): string {
  const jobName = makeUnique(createName(name ?? id), names.jobs, '-')
  const table = makeUnique(createTableName(jobName), names.tables, '_')
  const title = name === undefined || name === jobName ? '' : `  # ${name.replace(/\p{Cc}/gu, ' ')}\n`
  const target = extension === undefined ? `table: ${quote(table)}` : `out: ${quote(`data/${jobName}.${extension}`)}`
  const lines = `  - name: ${quote(jobName)}\n    report: ${quote(id)}\n    ${target}\n`
  const alternative = `    # into: duckdb:warehouse.duckdb          # a table instead of a file: remove out\n    # table: ${quote(table)}\n`
  if (isCombined !== true) return title + lines + (extension === undefined ? '' : alternative)
  return `${title}  # Optimize cannot export a combined report.\n${lines.replaceAll(/^ {2}/gm, '  # ')}`
}

const createName = (title: string) =>
  title
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .replace(/^-|-$/g, '') || 'report'

/** Leaves room for `_`, a number and `_events`, because a name in PostgreSQL has at most 63 bytes. */
const MAX_TABLE_BYTES = 52

function createTableName(name: string): string {
  const words = name.replaceAll('-', '_')
  let short = ''
  for (const character of /^\p{L}/u.test(words) ? words : `report_${words}`) {
    if (Buffer.byteLength(short + character) > MAX_TABLE_BYTES) break
    short += character
  }
  return short
}

/** Returns a name that is not taken: the base, or the base with a number. Adds the name to the taken ones. */
function makeUnique(base: string, taken: Set<string>, separator: string): string {
  let name = base
  for (let number = 2; taken.has(name); number++) name = `${base}${separator}${number}`
  taken.add(name)
  return name
}

/** Returns YAML for a text. A JSON string is valid YAML; a text such as `data/orders.csv` needs no quotes. */
const quote = (text: string) => (/^[a-z][\w./-]*$/i.test(text) && !YAML_WORDS.test(text) ? text : JSON.stringify(text))

const YAML_WORDS = /^(?:true|false|null|yes|no|on|off)$/i

/** Returns the path of the JSON schema, relative to the jobs file. With a global installation, `init --schema` must write that file. */
export const getSchemaPath = (isGlobal: boolean) =>
  isGlobal ? './jobs.schema.json' : './node_modules/optimize-export/dist/jobs.schema.json'
