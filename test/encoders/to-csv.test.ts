import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import t from 'tap'
import { toCsv } from '../../lib/encoders/to-csv.js'
import type { CsvOptions } from '../../lib/encoders/csv/dialect.js'

async function csv(records: object[], options: CsvOptions = {}): Promise<string> {
  const chunks: Buffer[] = []
  await pipeline(Readable.from(records), toCsv(options), async (bytes) => {
    for await (const chunk of bytes) chunks.push(chunk as Buffer)
  })
  return Buffer.concat(chunks).toString()
}

t.test('a nested record has the columns of the download, in its order', async (t) => {
  const record = {
    processDefinitionKey: 'p',
    processInstanceId: '1',
    counts: { incidents: 0 },
    flowNodeDurations: { start: { name: 'Start', value: 3 } },
    startDate: '2021-12-02T17:21:49.330+0200',
    tenantId: null,
    variables: { b: 'x,"y"', a: '' },
    flowNodeInstances: [{ id: 'f' }],
  }
  t.equal(
    await csv([record]),
    'processDefinitionKey,processInstanceId,startDate,tenantId,count:incidents,dur:start,variable:b,variable:a,flowNodeInstances\n' +
      'p,1,2021-12-02T17:21:49.330+0200,,0,3,"x,""y""",,"[{""id"":""f""}]"\n',
  )
})
