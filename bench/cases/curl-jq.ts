// curl and jq in a shell loop (curl-jq.sh), with the columns in the jq program. The shell reports the CPU time; the memory is not
// measured.
import { spawnSync } from 'node:child_process'
import type { CaseInput, Work } from '../harness/case-types.js'
import { getSourcePath } from '../harness/folders.js'
import { readFirstPage, type PeerColumn } from '../case-helpers/columns.js'

export async function open({ url, token, reportId, records, file, ...input }: CaseInput): Promise<Work> {
  const { columns } = await readFirstPage({ url, token, reportId, records, file, ...input })
  const address = `${url}/api/public/export/report/${reportId}/result/json?limit=1000&paginationTimeout=120`
  const env = { ...process.env, ADDRESS: address, TOKEN: token, RECORDS: String(records), OUT: file }
  const header = columns.map(({ name }) => `"${name.replaceAll('"', '""')}"`).join(',')
  const program = `.data[] | [${columns.map(toJqPath).join(', ')}] | @csv`
  return () => {
    const script = getSourcePath('cases/curl-jq.sh')
    const result = spawnSync('bash', [script], { env: { ...env, HEADER: header, PROGRAM: program }, encoding: 'utf8' })
    if (result.status !== 0) throw new Error(`curl-jq.sh failed: ${result.stderr}`)
    const [rows, ...times] = result.stdout.trim().split(/\s+/)
    return Promise.resolve({ rows: Number(rows), cpuMs: 1000 * sumAll(times.map(parseSeconds)), peakRssMb: null })
  }
}

const toJqPath = ({ path, type }: PeerColumn) =>
  `.${path.map((key) => `[${JSON.stringify(key)}]`).join('')}${type === 'json' ? ' | tojson' : ''}`.replace(
    /^(.*\|.*)$/,
    '($1)',
  )

/** `1m2.345s`, as `times` prints it. */
function parseSeconds(time: string): number {
  const [minutes = '0', rest = '0'] = time.split('m')
  return Number(minutes) * 60 + parseFloat(rest)
}

const sumAll = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)
