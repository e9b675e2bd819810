// curl and jq in a shell loop (curl-jq.sh), with the columns put into jq's program; its CPU time is the shell's own account,
// its memory nobody measures.
import { spawnSync } from 'node:child_process'
import type { CaseInput, Work } from '../lab/case-types.js'
import { sourceFolder } from '../lab/folders.js'
import { firstPage, type PeerColumn } from '../peers/columns.js'

export async function open({ url, token, reportId, records, file, ...input }: CaseInput): Promise<Work> {
  const { columns } = await firstPage({ url, token, reportId, records, file, ...input })
  const address = `${url}/api/public/export/report/${reportId}/result/json?limit=1000&paginationTimeout=120`
  const env = { ...process.env, ADDRESS: address, TOKEN: token, RECORDS: String(records), OUT: file }
  const header = columns.map(({ name }) => `"${name.replaceAll('"', '""')}"`).join(',')
  const program = `.data[] | [${columns.map(jqPath).join(', ')}] | @csv`
  return () => {
    const script = sourceFolder('cases/curl-jq.sh')
    const ran = spawnSync('bash', [script], { env: { ...env, HEADER: header, PROGRAM: program }, encoding: 'utf8' })
    if (ran.status !== 0) throw new Error(`curl-jq.sh failed: ${ran.stderr}`)
    const [rows, ...times] = ran.stdout.trim().split(/\s+/)
    return Promise.resolve({ rows: Number(rows), cpuMs: 1000 * sum(times.map(seconds)), peakRssMb: null })
  }
}

const jqPath = ({ path, type }: PeerColumn) =>
  `.${path.map((key) => `[${JSON.stringify(key)}]`).join('')}${type === 'json' ? ' | tojson' : ''}`.replace(
    /^(.*\|.*)$/,
    '($1)',
  )

/** `1m2.345s`, as `times` prints it. */
function seconds(time: string): number {
  const [minutes = '0', rest = '0'] = time.split('m')
  return Number(minutes) * 60 + parseFloat(rest)
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)
