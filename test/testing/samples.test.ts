import t, { type Test } from 'tap'
import { exportStream, flowNodeEvents, listNamedReports, type ProcessRecord, type Row } from '../../lib/index.js'
import { DAY_MS } from '../../lib/shared/milliseconds.js'
import { createSampleReports, startFakeOptimize } from '../../lib/testing/index.js'

const RECORDS = 300
const YEAR_MS = 365 * DAY_MS

t.test('the dates, durations and events of the sample instances agree', async (t) => {
  const samples = createSampleReports({ records: RECORDS })
  const optimize = await startFakeOptimize(samples)
  t.teardown(() => optimize.close())
  const access = { baseUrl: optimize.url, accessToken: optimize.token }
  const reports = await listNamedReports({ ...access, collectionId: 'samples' })
  t.equal(reports.length, 5)
  t.strictSame(
    reports.map(({ name }) => name),
    ['Orders', 'Rechnungsprüfung', '受注処理', 'Customer onboarding', 'Claims'],
  )
  for (const { id } of reports) {
    const records = (await exportStream({ ...access, reportId: id, limit: 100 }).toArray()) as ProcessRecord[]
    t.equal(new Set(records.map(({ processInstanceId }) => processInstanceId)).size, RECORDS, id)
    const starts = records.map(({ startDate }) => Date.parse(startDate!))
    t.strictSame(
      starts,
      starts.toSorted((a, b) => b - a),
      'newest first',
    )
    t.ok(starts[0]! - starts.at(-1)! < YEAR_MS && starts[0]! - starts.at(-1)! > 0.9 * YEAR_MS)
    for (const record of records) assertAgrees(t, record)
    t.ok(
      records.some(({ endDate }) => endDate === null),
      'some instances still run',
    )
    const paths = new Set(records.map(({ flowNodeInstances }) => flowNodeInstances!.map(({ name }) => name).join()))
    t.ok(paths.size > 5, `${id}: ${paths.size} paths`)
    const isLoop = ({ flowNodeInstances }: ProcessRecord) =>
      new Set(flowNodeInstances!.map(({ name }) => name)).size < flowNodeInstances!.length
    t.ok(records.some(isLoop), 'some go through a loop')
  }
})

function assertAgrees(t: Test, record: ProcessRecord): void {
  const { startDate, endDate, duration, flowNodeInstances, flowNodeDurations } = record
  const events = flowNodeInstances!
  const problems = [
    events[0]!.startDate !== startDate && 'the first event starts with the instance',
    events.at(-1)!.endDate !== endDate && 'the last event ends with the instance',
    endDate !== null && duration !== Date.parse(endDate) - Date.parse(startDate!) && 'the duration',
    events.some(({ startDate }, n) => n > 0 && startDate !== events[n - 1]!.endDate) && 'one event after the other',
    Object.values(flowNodeDurations!).reduce((sum, { value }) => sum + (value ?? 0), 0) !== duration &&
      'the sum of the durations',
  ].filter(Boolean)
  t.strictSame(problems, [], record.processInstanceId)
}

t.test('several reports of one server differ in their options, and share the rest', async (t) => {
  const optimize = await startFakeOptimize({
    records: 10,
    variables: 2,
    reports: { orders: { records: 3 }, decisions: { report: 'decision', records: 4, name: 'Decisions' } },
  })
  t.teardown(() => optimize.close())
  const count = async (reportId: string) =>
    (await exportStream({ baseUrl: optimize.url, accessToken: optimize.token, reportId }).toArray()).length
  t.strictSame(await Promise.all([optimize.reportId, 'orders', 'decisions'].map(count)), [10, 3, 4])
  t.equal(optimize.requests.length, 3)
  await t.rejects(startFakeOptimize({ reports: [] as never }), /reports: expected an object of objects/)
  await t.rejects(startFakeOptimize({ reports: { a: { records: -1 } } }), /reports\.a\.records: expected/)
  await t.rejects(startFakeOptimize({ reports: { a: { port: 1 } as object } }), /reports\.a\.port: unknown option/)
})

t.test('the events of a sample report have the names of its flow nodes', async (t) => {
  const samples = createSampleReports({ records: 5 })
  const optimize = await startFakeOptimize({ ...samples, reportId: 'claim-settlement' })
  t.teardown(() => optimize.close())
  t.equal(optimize.ids().length, 5)
  const source = exportStream({
    baseUrl: optimize.url,
    accessToken: optimize.token,
    reportId: 'claim-settlement',
  })
  const events: Row[] = []
  for await (const row of source.pipe(flowNodeEvents())) events.push(row as Row)
  t.equal(events.filter((row) => row['flowNodeName'] === 'Claim reported').length, 5)
})
