// The subcommands as data: flags, help text and function of each.
import { join } from 'node:path'
import { VERSION } from '../shared/package-version.js'
import { ACCESS_HELP, EXIT_CODES_HELP, EXIT_CODES_TOPIC } from './help/help-texts.js'
import type { CommandFunction } from './context.js'
import { datasetFlags } from './flags/dataset-flags.js'
import { demoFlags } from './flags/demo-flags.js'
import { columnFlags } from './flags/column-flags.js'
import { eventFlags } from './flags/event-flags.js'
import { oneOf, switchKind, textKind, type Flag } from './flags/flags.js'
import { flagGroupsOfFormats } from './flags/formats.js'
import { compareFlags, dictionaryFlags } from './flags/inspect-flags.js'
import { jsonFlag, outputFlags, progressIntervalFlag, quietFlag } from './flags/output-flags.js'
import { printSchemaFlag, templateFormatFlag, templateTableFlags } from './flags/init-flags.js'
import { jobsFlags, runOutputFlags } from './flags/jobs-flags.js'
import {
  databaseFlags,
  eventTableFlags,
  incrementalFlags,
  loadFlags,
  tableColumnFlags,
  tableFlags,
} from './flags/load-flags.js'
import { findCodeHelp } from './help/code-help.js'
import { createManPage } from './help/man-page.js'
import type { CommandSpec, ProgramSpec } from './parser.js'
import { selectionFlags } from './flags/selection-flags.js'
import { singerFlags } from './flags/singer-flags.js'
import { storeFlags } from './flags/store-flags.js'
import { collectionFlags, oneReportFlags, reportFlags } from './flags/report-flags.js'
import { listRequestFlags, serverFlags, sourceFlags } from './flags/source-flags.js'

/** `lib/cli/`, `dist/cli/` and `dist/chunks/` are two levels below the package. */
const GUIDE_PATH = join(import.meta.dirname, '../../docs/troubleshooting.md')

const namesFlag: Flag = {
  name: 'names',
  kind: switchKind,
  description: 'print the id and the name of each report, with a tab between them',
}

const commands: readonly (CommandSpec & { readonly importCommand: () => Promise<CommandFunction> })[] = [
  {
    name: 'export',
    description: 'Writes the records of reports to files: every record once, no partial files.',
    commonFlags: 'report collection out format json url tokenFile pick omit columns events'.split(' '),
    groups: [
      { title: reportFlags.title, flags: [...reportFlags.flags, ...collectionFlags.flags] },
      outputFlags,
      datasetFlags,
      storeFlags,
      serverFlags,
      selectionFlags,
      columnFlags,
      ...flagGroupsOfFormats,
      eventFlags,
      sourceFlags,
    ],
    helpText: `
Examples:
  optimize-export export --url https://optimize.example.com --report e6c5aaa1-… --out instances.csv
  optimize-export export --report e6c5aaa1-… --out all.parquet --types variable:amount=int64
  optimize-export export --report e6c5aaa1-… --out all.parquet --events events.csv --fields businessKey
  optimize-export export --report e6c5aaa1-… --out - --format ndjson | jq .processInstanceId
  optimize-export export --report e6c5aaa1-… --out s3://lake/orders/instances.parquet
  optimize-export export --collection 4f11… --out folder/ --format parquet --concurrency 2 --json`,
    importCommand: async () => (await import('./commands/export.js')).runExport,
  },
  {
    name: 'load',
    description: 'Loads a report into a table of DuckDB or PostgreSQL: all of it in one transaction, or nothing.',
    commonFlags: ['report', 'into', 'table', 'json', 'mode', 'dryRun', 'since', 'url', 'tokenFile', 'events'],
    groups: [
      oneReportFlags,
      { title: tableFlags.title, flags: [...tableFlags.flags, quietFlag, jsonFlag, progressIntervalFlag] },
      loadFlags,
      incrementalFlags,
      eventTableFlags,
      serverFlags,
      selectionFlags,
      tableColumnFlags,
      databaseFlags,
      sourceFlags,
    ],
    helpText: `
Examples:
  optimize-export load --report e6c5aaa1-… --table orders --into duckdb:warehouse.duckdb --events order_events
  optimize-export load --report e6c5aaa1-… --table orders --into postgresql://etl@db/sales --mode merge
  optimize-export load --report e6c5aaa1-… --table orders --mode merge --since last --sorted-by startDate
  optimize-export load --report e6c5aaa1-… --table orders --dry-run

  DuckDB needs the package @duckdb/node-api; PostgreSQL needs pg and pg-copy-streams.`,
    importCommand: async () => (await import('./commands/load.js')).runLoad,
  },
  {
    name: 'singer',
    description: 'Prints a report as messages of a Singer tap; after a complete report, the last message is the state.',
    commonFlags: ['report', 'stream', 'types', 'url', 'tokenFile'],
    groups: [
      oneReportFlags,
      { ...singerFlags, flags: [...singerFlags.flags, quietFlag, progressIntervalFlag] },
      serverFlags,
      selectionFlags,
      sourceFlags,
    ],
    helpText: `
Examples:
  optimize-export singer --report e6c5aaa1-… --stream orders | target-jsonl > state.json
  optimize-export singer --report e6c5aaa1-… --stream orders --types 'variable:amount=decimal(12,2)'

  Without --columns, all records decide columns and types, so the first message comes when the whole report
  has arrived.`,
    importCommand: async () => (await import('./commands/singer.js')).runSinger,
  },
  {
    name: 'run',
    description: 'Runs the jobs of a file: many reports to files and tables, several at a time.',
    commonFlags: ['only', 'jobs', 'resume', 'check', 'metrics', 'logFormat', 'quiet', 'json'],
    argument: { name: 'file', placeholder: '[jobs.yaml]', kind: textKind, description: 'the jobs file' },
    groups: [
      jobsFlags,
      { title: runOutputFlags.title, flags: [...runOutputFlags.flags, quietFlag, jsonFlag, progressIntervalFlag] },
    ],
    helpText: `
Examples:
  optimize-export run jobs.yaml --check
  optimize-export run jobs.yaml --jobs 4 --metrics /var/lib/node_exporter/optimize_export.prom
  optimize-export run jobs.yaml --only orders claims
  optimize-export run jobs.yaml --resume

  jobs.yaml:
    version: 1
    url: \${OPTIMIZE_URL}
    token-file: /run/secrets/optimize
    defaults: { format: parquet }
    jobs:
      - { name: orders, report: e6c5aaa1-…, out: data/ }
      - { name: claims, report: 7a2b…, into: 'duckdb:warehouse.duckdb', table: claims, mode: merge }

  Most keys are flags of export and load; 'concurrency' limits the jobs on one server. See docs/scheduling.md.`,
    importCommand: async () => (await import('./commands/run.js')).runJobsFile,
  },
  {
    name: 'init',
    description: 'Prints a commented jobs file for the reports of a collection.',
    commonFlags: ['collection', 'format', 'into', 'mode', 'schema', 'url', 'tokenFile'],
    groups: [
      collectionFlags,
      templateTableFlags,
      { title: 'Output:', flags: [templateFormatFlag, printSchemaFlag, quietFlag] },
      listRequestFlags,
    ],
    helpText: `
Examples:
  optimize-export init --collection 4f11… > jobs.yaml
  optimize-export init --collection 4f11… --format xlsx > jobs.yaml
  optimize-export init --collection 4f11… --into postgresql://etl@db/sales --mode merge > jobs.yaml
  optimize-export init --schema > jobs.schema.json`,
    importCommand: async () => (await import('./commands/init.js')).runInit,
  },
  {
    name: 'inspect',
    description: 'Prints the kind and the size of a report, and a dictionary of its columns, from its first records.',
    commonFlags: ['report', 'all', 'markdown', 'json', 'url', 'tokenFile', 'compare'],
    groups: [
      oneReportFlags,
      { title: 'Output:', flags: [...dictionaryFlags, quietFlag, jsonFlag, progressIntervalFlag] },
      serverFlags,
      ...compareFlags,
      sourceFlags,
    ],
    helpText: `
Examples:
  optimize-export inspect --report e6c5aaa1-…
  optimize-export inspect --report e6c5aaa1-… --compare --table orders --into duckdb:warehouse.duckdb
  optimize-export inspect --report e6c5aaa1-… --limit 50 --json | jq -r '.columns[].name'
  optimize-export inspect --report e6c5aaa1-… --all --markdown > columns.md

  Without --all, columns, bytes and time are estimates from --limit records (default 1000) or --max-records.
  The output contains data of the report, as examples of values.`,
    importCommand: async () => (await import('./commands/inspect.js')).runInspect,
  },
  {
    name: 'list',
    description: 'Prints the ids of the reports of a collection, one per line.',
    commonFlags: ['collection', 'names', 'json', 'url', 'tokenFile'],
    groups: [collectionFlags, { title: 'Output:', flags: [namesFlag, quietFlag, jsonFlag] }, listRequestFlags],
    helpText: `
Examples:
  optimize-export list --collection 4f11… --names
  optimize-export list --collection 4f11… | xargs -n 1 optimize-export inspect --report`,
    importCommand: async () => (await import('./commands/list.js')).runList,
  },
  {
    name: 'doctor',
    description: 'Looks for the reason why an export fails: checks address, proxy, TLS, clock, token and first page.',
    commonFlags: ['report', 'json', 'collection', 'url', 'tokenFile'],
    groups: [
      reportFlags,
      { title: 'Output:', flags: [quietFlag, jsonFlag] },
      collectionFlags,
      serverFlags,
      sourceFlags,
    ],
    helpText: `
Examples:
  optimize-export doctor
  optimize-export doctor --report e6c5aaa1-…

  Prints a line for each check, and below most failures and warnings what to do. After a check that fails,
  no other check runs.`,
    importCommand: async () => (await import('./commands/doctor.js')).runDoctor,
  },
  {
    name: 'completion',
    description: 'Prints the script that completes commands and flags in bash, zsh or fish.',
    argument: { name: 'shell', ...oneOf('bash', 'zsh', 'fish'), description: 'the shell' },
    groups: [],
    helpText: `
Examples:
  optimize-export completion bash > ~/.local/share/bash-completion/completions/optimize-export
  source <(optimize-export completion zsh)`,
    importCommand: async () => (await import('./commands/completion.js')).runCompletion,
  },
  {
    name: 'demo',
    description: 'Exports generated process instances to CSV and Parquet, without Optimize.',
    groups: [{ title: demoFlags.title, flags: [...demoFlags.flags, quietFlag, jsonFlag, progressIntervalFlag] }],
    helpText: `
Examples:
  optimize-export demo
  optimize-export demo --records 100000 --out /tmp/demo
  optimize-export demo --load
  optimize-export demo --serve --port 8090`,
    importCommand: async () => (await import('./commands/demo.js')).runDemo,
  },
]

export const program: Omit<ProgramSpec, 'commands'> & { readonly commands: typeof commands } = {
  name: 'optimize-export',
  version: VERSION,
  description: 'Exports Camunda Optimize reports to CSV, Excel, Parquet and NDJSON files, S3, DuckDB and PostgreSQL.',
  commands,
  helpText: `
Begin here:
  optimize-export demo                        write two example files, without Optimize
  export OPTIMIZE_URL=https://…  OPTIMIZE_TOKEN=…
  optimize-export inspect --report ID         kind, size and columns of a report
  optimize-export export  --report ID --out instances.csv
  optimize-export load    --report ID --table instances
  optimize-export doctor                      find out why an export fails
  optimize-export help <command or topic>     more about a command or a topic
  optimize-export help ERR_AUTH               what an error code means, and what to do

${EXIT_CODES_HELP.trimEnd()}`,
  findHelpText: (code) => findCodeHelp(code, GUIDE_PATH),
  topics: {
    access: () => ACCESS_HELP,
    'exit-codes': () => EXIT_CODES_TOPIC,
    'man-page': () => createManPage(program),
  },
  topicAliases: new Map(['process-mining', 'xes', 'ocel', 'celonis'].map((word) => [word, 'events'])),
}
