import t from 'tap'
import { profileColumns } from '../../lib/schema/column-profile.js'

const column = (name: string, type: string, filled: number, placeholders = 0) => ({ name, type, filled, placeholders })

t.test('a column has the type that fits its cells, and the share of cells with a value', async (t) => {
  const records = [
    { processInstanceId: '1', startDate: '2026-01-01T00:00:00.000+0000', variables: { amount: '12', open: '' } },
    { processInstanceId: '2', startDate: null, variables: { amount: '', open: 'true', late: '007' } },
    { processInstanceId: '3', startDate: null, variables: { amount: '-1.5' }, flowNodeInstances: [{ id: 'a' }] },
    { processInstanceId: '4', startDate: null, variables: { open: '<<OBJECT_VARIABLE_VALUE>>' } },
  ]
  t.strictSame(profileColumns(records), [
    column('processInstanceId', 'string', 1),
    column('startDate', 'timestamp', 1 / 4),
    column('variable:amount', 'double', 2 / 4),
    column('variable:open', 'string', 2 / 4, 1),
    column('variable:late', 'string', 1 / 4),
    column('flowNodeInstances', 'json', 1 / 4),
  ])
})

t.test('a hyper-map has one row per pair', async (t) => {
  const value = [
    { key: 'a', value: 1, label: 'A' },
    { key: 'b', value: null, label: 'B' },
  ]
  t.strictSame(profileColumns([{ key: 'x', value, label: 'X' }]), [
    column('key', 'string', 1),
    column('label', 'string', 1),
    column('distributedKey', 'string', 1),
    column('distributedLabel', 'string', 1),
    column('value', 'double', 1 / 2),
  ])
})

t.test('no records have no columns', async (t) => t.strictSame(profileColumns([]), []))
