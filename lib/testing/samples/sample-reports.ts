import { DAY_MS } from '../../shared/milliseconds.js'
import * as rule from '../../shared/options.js'
import { rulesByEra } from '../eras.js'
import { Zone } from '../dates.js'
import type { FakeReportOptions } from '../options/fake-options.js'
import { Random } from '../random.js'
import { createIdGenerator } from '../records/id-generator.js'
import { walk, type ProcessModel, type Visit } from './process-model.js'
import { sampleModels } from './sample-models.js'

/** Options of {@link createSampleReports}. */
export interface SampleReportsOptions {
  /** The instances of each report. @default 2000 */
  records?: number | undefined
  /** The seed of all data. @default 1 */
  seed?: number | undefined
}

/** The options of the fake server that {@link createSampleReports} returns. */
export interface SampleReports {
  /** The id of the first report. */
  readonly reportId: string
  /** The reports by their ids. */
  readonly reports: Readonly<Record<string, FakeReportOptions>>
  /** One collection, `samples`, with all of them. */
  readonly collections: Readonly<Record<string, readonly string[]>>
}

const SAMPLE_COLLECTION = 'samples'

/** The time of the newest data. The instances begin in the year before it. */
const untilMs = Date.UTC(2026, 10, 1)
const YEAR_MS = 365 * DAY_MS

/**
 * Returns options of {@link startFakeOptimize}: a collection with five raw data reports. The paths of their instances differ and have
 * loops, some instances still run, their dates span one year, and the dates and durations of the flow nodes agree with the dates
 * and the duration of the instance.
 *
 * @throws OptionError for an option that is unknown or out of range
 * @example
 * const optimize = await startFakeOptimize(createSampleReports({ records: 500 }))
 */
export function createSampleReports(options: SampleReportsOptions = {}): SampleReports {
  const { records, seed } = rule.resolveOptions<{ records: number; seed: number }>('createSampleReports', options, {
    records: rule.withDefault(rule.integer(0, 2 ** 31), 2000),
    seed: rule.withDefault(rule.integer(0), 1),
  })
  const reports = sampleModels.map((model, n): [string, FakeReportOptions] => [
    model.key,
    { name: model.reportName, records, data: createData(model, records, seed + n) },
  ])
  const ids = reports.map(([id]) => id)
  return { reportId: ids[0]!, reports: Object.fromEntries(reports), collections: { [SAMPLE_COLLECTION]: ids } }
}

/** Returns a function that returns the instance with an index; index 0 is the newest. */
function createData(model: ProcessModel, records: number, seed: number): (index: number) => unknown {
  const getId = createIdGenerator(rulesByEra['8.6'], seed)
  const random = new Random()
  const stepMs = Math.floor(YEAR_MS / Math.max(1, records))
  return (index) => {
    random.startAt(seed, index)
    const startMs = untilMs - (index + 1) * stepMs + random.below(stepMs)
    return createInstance(model, { id: getId(index), index, startMs }, random)
  }
}

const zone = new Zone('UTC')

function createInstance(
  model: ProcessModel,
  { id, index, startMs }: { id: string; index: number; startMs: number },
  random: Random,
): unknown {
  const visits = walk(model, startMs, untilMs, random)
  const endMs = visits.at(-1)!.endMs
  const incidents = random.below(50) === 0 ? 1 : 0
  return {
    processDefinitionKey: model.key,
    processDefinitionId: `${model.key}:1:1801`,
    processInstanceId: id,
    counts: { incidents, openIncidents: endMs === undefined ? incidents : 0, userTasks: visits.length },
    flowNodeDurations: sumDurations(visits),
    businessKey: `${model.prefix}-2026-${String(100_000 - index)}`,
    startDate: zone.format(startMs),
    endDate: endMs === undefined ? null : zone.format(endMs),
    duration: (endMs ?? untilMs) - startMs,
    engineName: 'camunda-bpm',
    tenantId: null,
    variables: model.createVariables(random),
    flowNodeInstances: visits.map((visit, n) => ({
      id: `${id.slice(0, 13)}:${n}`,
      name: visit.name,
      startDate: zone.format(visit.startMs),
      endDate: visit.endMs === undefined ? null : zone.format(visit.endMs),
    })),
  }
}

/** Returns the time in each flow node, in milliseconds. A flow node that is visited several times has the sum. */
function sumDurations(visits: readonly Visit[]): Readonly<Record<string, { name: string; value: number }>> {
  const durations: Record<string, { name: string; value: number }> = {}
  for (const { stepId, name, startMs, endMs } of visits) {
    const duration = (durations[stepId] ??= { name, value: 0 })
    duration.value += (endMs ?? untilMs) - startMs
  }
  return durations
}
