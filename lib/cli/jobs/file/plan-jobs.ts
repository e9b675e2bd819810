// Reads a jobs file and checks everything that can be checked without a request.
import { createHash } from 'node:crypto'
import { collectionIdOf, reportIdOf, type OptionError } from '../../../index.js'
import { createServerAccess, type ServerAccess } from '../../access/server-access.js'
import type { Context } from '../../context.js'
import { checkExport } from '../../export/export-report.js'
import { removePassword } from '../../load/databases.js'
import { checkLoad } from '../../load/load-table.js'
import { describeError, getOptionProblem } from '../../errors/command-errors.js'
import type { Settings, SettingsLevel } from '../../settings.js'
import { createReportTargets } from '../../export/report-targets.js'
import { readTextFile } from '../../files/text-file.js'
import { UsageError } from '../../errors/usage-error.js'
import { toKebabCase } from '../../flags/flags.js'
import { ownKeys, serverSettingNames, type JobKind } from './job-keys.js'
import { JobSettingsFactory, type JobSettings } from './job-settings.js'
import { JobsFileReader, type JobsFile } from './jobs-file.js'
import { createProblemsError } from './problems.js'
import { REPORT_PLACEHOLDER } from './report-placeholder.js'
import { findFileTargets, findTableTargets, TargetClaims, type Claim, type JobTargets } from './target-claims.js'
import { ValueReader } from './value-reader.js'
import { parseYaml } from './yaml-tree.js'

/** A checked job. The targets of a collection are not known yet. */
export interface PlannedJob extends Pick<JobSettings, 'name' | 'kind' | 'settings' | 'ownValues'>, JobTargets {
  /** The report, or the collection whose reports are one job each. */
  readonly reportOrCollection: { readonly reportId: string } | { readonly collectionId: string }
  readonly access: ServerAccess
  /** The URL of the server; jobs with the same URL share its limits. */
  readonly server: string
  /** Equal for jobs that reach Optimize with the same settings. These jobs share the token. */
  readonly accessGroup: string
  /** A hash of the settings of the job, without passwords. It includes the URL, but no other setting of the server. */
  readonly settingsHash: string
}

export interface UncheckedJobsFile extends Pick<JobsFile, 'hooks'> {
  /** Resolves to the jobs. Rejects with a UsageError that has all problems and their places. */
  plan(): Promise<readonly PlannedJob[]>
}

/** Reads a jobs file. Rejects with a UsageError if the file is missing or is not YAML. */
export async function openJobsFile(path: string, { env, settings }: Context): Promise<UncheckedJobsFile> {
  const { root, problems } = parseYaml(await readTextFile('jobs file', path))
  if (problems.length > 0) throw createProblemsError(path, problems)
  const reader = new ValueReader(env)
  const file = new JobsFileReader(reader).read(root)
  const plan = async () => {
    const environment = settings.levels.find(({ from }) => from === 'environment')!
    const jobs = await new Planner(file, reader, environment).plan()
    if (reader.problems.length > 0) throw createProblemsError(path, reader.problems)
    return jobs
  }
  return { hooks: file.hooks, plan }
}

class Planner {
  readonly #file: JobsFile
  readonly #reader: ValueReader
  readonly #settingsFactory: JobSettingsFactory
  readonly #accessByGroup = new Map<string, Promise<ServerAccess | undefined>>()
  readonly #claims = new TargetClaims<JobSettings>()

  constructor(file: JobsFile, reader: ValueReader, environment: SettingsLevel) {
    this.#file = file
    this.#reader = reader
    this.#settingsFactory = new JobSettingsFactory(file, reader, environment)
  }

  /** Resolves to the jobs without a problem. Problems are added to the problems of the ValueReader. */
  async plan(): Promise<readonly PlannedJob[]> {
    const jobs: PlannedJob[] = []
    for (const fileJob of this.#file.jobs) {
      const job = this.#settingsFactory.create(fileJob)
      const planned = job && (await this.#planJob(job))
      if (planned) jobs.push(planned)
    }
    return jobs
  }

  async #planJob(job: JobSettings): Promise<PlannedJob | undefined> {
    const reportOrCollection = this.#readReportOrCollection(job)
    const accessGroup = JSON.stringify(serverSettingNames.map((name) => job.settings.get(name)))
    const access = await this.#getAccess(job, accessGroup)
    const settings = this.#check(job, reportOrCollection, access)
    if (!reportOrCollection || !access || !settings) return undefined
    const { name, kind, ownValues } = job
    const targets = findTargets(kind, settings, reportOrCollection)
    this.#checkClaims(job, targets.claims)
    const server = new URL(access.baseUrl).href
    const settingsHash = hashSettings(job, settings)
    return {
      name,
      kind,
      settings,
      ownValues,
      reportOrCollection,
      access,
      server,
      accessGroup,
      ...targets,
      settingsHash,
    }
  }

  #readReportOrCollection(job: JobSettings): PlannedJob['reportOrCollection'] | undefined {
    const { report, collection } = job.ownValues
    const key = report === undefined ? 'collection' : 'report'
    try {
      if (report !== undefined) return { reportId: reportIdOf(report) }
      return collection === undefined ? undefined : { collectionId: collectionIdOf(collection) }
    } catch (error) {
      this.#reader.addProblem(job.getPlace(key), `${key}: ${getOptionProblem(error as OptionError)}`)
      return undefined
    }
  }

  /** Returns one access for all jobs of this access group, so that they share the token. Its problem is reported for one job only. */
  #getAccess(job: JobSettings, accessGroup: string): Promise<ServerAccess | undefined> {
    const known = this.#accessByGroup.get(accessGroup)
    if (known) return known
    const access = createServerAccess(job.settings).catch((error: unknown) => {
      this.#addFailure(job, error, job.settings)
      return undefined
    })
    this.#accessByGroup.set(accessGroup, access)
    return access
  }

  /**
   * Checks the settings as `export` or `load` would, and returns them; undefined after a problem. After a problem it checks again
   * without the key of the problem, to find further ones. A default that is not for the format or the database of the job is left out.
   * If the report, the collection or the access is undefined, its problem was added before.
   */
  #check(
    job: JobSettings,
    reportOrCollection: PlannedJob['reportOrCollection'] | undefined,
    access: ServerAccess | undefined,
  ): Settings | undefined {
    const reportToCheck =
      reportOrCollection ?? (job.hasKey('collection') ? { collectionId: 'any' } : { reportId: 'any' })
    let checkedAccess = access ?? placeholderAccess
    const leftOut: string[] = []
    let hasProblem = false
    for (;;) {
      const settings = job.without(leftOut)
      let error: unknown
      try {
        checkOptions(job.kind, settings, reportToCheck, checkedAccess)
        return hasProblem ? undefined : settings
      } catch (caught) {
        error = caught
      }
      const key = getKey(error, settings)
      if (key === 'url') checkedAccess = placeholderAccess
      const isLeftOut = leftOut.includes(key)
      if (isLeftOut || !job.isDefault(key) || getUsageReason(error) !== 'not applicable') {
        // this problem may exist only because a key was left out here
        const message = describeError(error, settings)
        if (hasProblem && leftOut.some((other) => message.includes(other))) return undefined
        this.#addFailure(job, error, settings)
        hasProblem = true
      }
      if (isLeftOut || !job.hasKey(key)) return undefined
      leftOut.push(key)
    }
  }

  #addFailure(job: JobSettings, error: unknown, settings: Settings): void {
    // a key with a wrong value counts as missing, and its problem is known
    if (job.hasProblems && getUsageReason(error) === 'missing') return
    this.#reader.addProblem(job.getPlace(getKey(error, settings)), describeError(error, settings))
  }

  #checkClaims(job: JobSettings, claims: readonly Claim[]): void {
    for (const { job: other, label } of this.#claims.findConflicts(claims))
      this.#reader.addProblem(
        job.place,
        `the job ${other.name} in line ${other.place.line} has the same target: ${label}`,
      )
    this.#claims.add(claims, job)
  }
}

/** Lets the check find the problems of other keys. No request is sent with it. */
const placeholderAccess: ServerAccess = { baseUrl: 'http://localhost', accessToken: 'none' }

/** Returns the key that an error is about, or '' if there is none. */
function getKey(error: unknown, settings: Settings): string {
  const setting = error instanceof UsageError ? error.facts.setting : (error as Partial<OptionError>).option
  const flag = setting === undefined ? undefined : settings.findFlag(setting)
  return flag ? toKebabCase(flag.name) : ''
}

const getUsageReason = (error: unknown) => (error instanceof UsageError ? error.facts.reason : undefined)

function checkOptions(
  kind: JobKind,
  settings: Settings,
  reportOrCollection: PlannedJob['reportOrCollection'],
  access: ServerAccess,
): void {
  const isCollection = 'collectionId' in reportOrCollection
  const reportId = isCollection ? 'any' : reportOrCollection.reportId
  if (kind === 'load') {
    if (isCollection && settings.text('table')?.includes(REPORT_PLACEHOLDER) !== true)
      throw settings.createError(
        'table',
        `expected ${REPORT_PLACEHOLDER} in the name, because each report has its own table`,
      )
    checkLoad(reportId, access, settings)
    return
  }
  if (settings.get('out') === '-') throw settings.createError('out', 'expected a file or a folder, got -')
  const [targets] = createReportTargets(settings, [reportId], isCollection)
  checkExport({ reportId, targets: targets!, access }, settings)
}

function findTargets(
  kind: JobKind,
  settings: Settings,
  reportOrCollection: PlannedJob['reportOrCollection'],
): JobTargets {
  if ('collectionId' in reportOrCollection) return { labels: [], claims: [] }
  return kind === 'load'
    ? findTableTargets(settings)
    : findFileTargets(createReportTargets(settings, [reportOrCollection.reportId], false)[0]!)
}

function hashSettings({ kind, ownValues }: JobSettings, settings: Settings): string {
  const keys = Object.entries(ownValues).filter(([key]) => ownKeys.get(key)!.hashedFor?.includes(kind))
  const names = settings.levels
    .flatMap(({ values }) => Object.keys(values))
    .filter((name) => name === 'url' || !serverSettingNames.includes(name))
    // OPTIMIZE_INTO is for loads
    .filter((name) => kind === 'load' || name !== 'into')
  const values = [...new Set(names)].sort().map((name) => {
    const value = settings.get(name)
    return [name, typeof value === 'string' ? removePassword(value) : value]
  })
  const text = JSON.stringify({ kind, keys, values })
  return createHash('sha256').update(text).digest('hex').slice(0, 16)
}
