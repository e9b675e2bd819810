import t from 'tap'
import { isHyperMapGroup, detectKindOfRecord, getKnownType } from '../../lib/shared/reports/report-kinds.js'

t.test('detectKindOfRecord returns the kind of report of a record', async (t) => {
  t.equal(detectKindOfRecord({ processInstanceId: '1', variables: {} }), 'process')
  t.equal(detectKindOfRecord({ processInstanceId: '1', counts: {} }), 'process')
  t.equal(detectKindOfRecord({ processInstanceId: '1', flowNodeDurations: {} }), 'process')
  t.equal(detectKindOfRecord({ decisionInstanceId: '1', processInstanceId: '1', inputVariables: {} }), 'decision')
  t.equal(detectKindOfRecord({ decisionInstanceId: '1', outputVariables: {} }), 'decision')
  t.equal(detectKindOfRecord({ key: 'k', value: 1, label: 'K' }), 'map')
  t.equal(detectKindOfRecord({ key: 'k', value: [{ key: 'd', value: 1 }] }), 'hyperMap')
})

t.test('a flat row has no kind', async (t) => {
  t.equal(detectKindOfRecord({ processInstanceId: '1', 'variable:a': '' }), undefined)
  t.equal(detectKindOfRecord({ decisionInstanceId: '1' }), undefined)
  t.equal(detectKindOfRecord({ key: 'k', value: 1, more: 2 }), undefined)
  t.equal(detectKindOfRecord({ key: 'k' }), undefined)
  t.equal(detectKindOfRecord({ value: 1 }), undefined)
  t.equal(detectKindOfRecord({}), undefined)
})

t.test('a record is a group of a hyper-map report only if it has a key and a list of pairs', async (t) => {
  t.ok(isHyperMapGroup({ key: 'g', value: [] }))
  t.notOk(isHyperMapGroup({ value: [] }))
  t.notOk(isHyperMapGroup({ key: 'g', value: [{ key: 'd' }] }))
  t.notOk(isHyperMapGroup({ key: 'g', value: [null] }))
  t.notOk(isHyperMapGroup({ key: 'g', value: {} }))
})

t.test('a record with an instance id is not a group, even if it has a key and a list of pairs', async (t) => {
  t.notOk(isHyperMapGroup({ processInstanceId: '1', key: 'g', value: [] }))
  t.notOk(isHyperMapGroup({ decisionInstanceId: '1', key: 'g', value: [{ key: 'd', value: 1 }] }))
})

t.test('only dates, durations and counts have a known type', async (t) => {
  for (const column of ['startDate', 'endDate', 'evaluationDateTime']) t.equal(getKnownType(column), 'timestamp')
  for (const column of ['duration', 'count:incidents', 'dur:start', 'numberOfIncidents', 'numberOfUserTasks'])
    t.equal(getKnownType(column), 'int64')
  for (const column of ['variable:startDate', 'businessKey', 'value', 'input:a', 'output:b'])
    t.equal(getKnownType(column), undefined)
})
